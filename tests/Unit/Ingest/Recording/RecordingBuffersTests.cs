using System.Runtime.Versioning;
using ActionStream.Core.Media;
using ActionStream.Ingest.Recording;
using ActionStream.Ingest.Sources;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Ingest.Recording;

public sealed class RecordingBuffersTests : IDisposable
{
    // Opens the pieces when the test says so.
    private const string SlowFfmpeg = """
        #!/bin/sh
        : > ../../started
        while [ ! -e ../../go ]; do sleep 0.01; done
        cat 00000.ts 00001.ts > /dev/null

        """;

    private readonly string _root = Directory.CreateTempSubdirectory("rings-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    [SupportedOSPlatform("linux")]
    public async Task A_recording_is_made_of_the_pieces_that_were_there_when_it_began_though_ffmpeg_opens_them_later()
    {
        var ffmpeg = Path.Combine(_root, "ffmpeg");
        await File.WriteAllTextAsync(ffmpeg, SlowFfmpeg);
        File.SetUnixFileMode(ffmpeg, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        using var buffers = new RecordingBuffers(
            new(_root, TimeSpan.FromSeconds(10), Bytes: 100), new(null!, () => new(ffmpeg, "5.1"), new(), new FakeClock()),
            new LogLines<RecordingBuffers>());
        var ring = buffers.For("front", new SourceOptions { Url = "rtsp://camera/1" })!;
        using var connection = ring.Begin(0)!;
        foreach (var file in (string[])["00000.ts", "00001.ts", "00002.ts"])
        {
            await File.WriteAllBytesAsync(Path.Combine(connection.Folder, file), new byte[90]);
        }

        await File.WriteAllTextAsync(Path.Combine(connection.Folder, "list.csv"), "00000.ts,0.0,1.0\n00001.ts,1.0,2.0\n");
        var joining = buffers.JoinAsync(
            new("front", 0, TimeSpan.Zero, TimeSpan.FromSeconds(2)), Path.Combine(_root, "film"), CancellationToken.None);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!File.Exists(Path.Combine(_root, "started")))
        {
            await Task.Delay(10, limit.Token);
        }

        ring.Tend(); // which has room for one of them
        await File.WriteAllTextAsync(Path.Combine(_root, "go"), "", limit.Token);
        Assert.Equal(RecordingResult.Whole, await joining.WaitAsync(limit.Token));

        ring.Tend();
        Assert.Single(Directory.EnumerateFiles(connection.Folder, "*.ts"));
    }
}
