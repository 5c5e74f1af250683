using System.Runtime.Versioning;
using ActionStream.Core.Media;
using ActionStream.Ingest.Ffmpeg.Nut;
using ActionStream.Ingest.Recording;
using ActionStream.Ingest.Sources;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Ingest.Recording;

public sealed class RecordingBuffersTests : IDisposable
{
    // Takes what it is given when the test says so.
    private const string SlowFfmpeg = """
        #!/bin/sh
        cd FOLDER
        : > started
        while [ ! -e go ]; do sleep 0.01; done
        cat > taken

        """;

    private readonly string _root = Directory.CreateTempSubdirectory("rings-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    [SupportedOSPlatform("linux")]
    public async Task A_recording_is_made_of_the_pieces_that_were_there_when_it_began_though_ffmpeg_takes_them_later()
    {
        var ffmpeg = Path.Combine(_root, "ffmpeg");
        await File.WriteAllTextAsync(ffmpeg, SlowFfmpeg.Replace("FOLDER", _root, StringComparison.Ordinal));
        File.SetUnixFileMode(ffmpeg, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        using var buffers = new RecordingBuffers(
            new(_root, TimeSpan.FromSeconds(10), Bytes: 150_000), new(null!, () => new(ffmpeg, "5.1"), new(), new FakeClock()),
            new LogLines<RecordingBuffers>());
        var ring = buffers.For("front", new SourceOptions { Url = "rtsp://camera/1" })!;
        using var connection = ring.Begin(0)!;
        connection.Begin(Sent.H264);
        Sent.Pictures(connection, first: 0, count: 3, bytes: 100_000); // more than a pipe holds
        var joining = buffers.JoinAsync(
            new("front", 0, TimeSpan.Zero, TimeSpan.FromSeconds(2)), Path.Combine(_root, "film.mp4"), CancellationToken.None);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!File.Exists(Path.Combine(_root, "started")))
        {
            await Task.Delay(10, limit.Token);
        }

        ring.Tend(); // which has room for one of them
        await File.WriteAllTextAsync(Path.Combine(_root, "go"), "", limit.Token);
        Assert.Equal(RecordingResult.Whole, await joining.WaitAsync(limit.Token));

        // Behind the first piece's headers and picture, the second's.
        var taken = await File.ReadAllBytesAsync(Path.Combine(_root, "taken"), limit.Token);
        var reader = new NutPacketReader(new MemoryStream(taken));
        reader.ReadHeader();
        var (times, picture) = (new List<double>(), new byte[100_000]);
        while (reader.TryRead(out var head) && reader.TryReadBytes(picture))
        {
            times.Add(head.Presentation.TotalSeconds);
        }

        Assert.Equal([0, 1], times);
        ring.Tend();
        Assert.Single(Directory.EnumerateFiles(connection.Folder, "*.nut"));
    }

    [Theory]
    [InlineData("rtsp://camera/1", true)]
    [InlineData("http://camera/stream.m3u8", true)]
    [InlineData("/videos/day.mp4", false)]
    [InlineData("lavfi:testsrc2", false)]
    [InlineData("v4l2:///dev/video0", false)]
    public void Cameras_are_kept_whose_packets_we_have(string url, bool isKept) =>
        Assert.Equal(isKept, RecordingBuffers.CanKeep(new SourceOptions { Url = url }));
}
