using System.Diagnostics;
using ActionStream.Core.Media;
using ActionStream.EndToEnd.Support;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Packets;
using ActionStream.Ingest.Recording;
using ActionStream.Ingest.Sources;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Contracts.Ingest;

/// <summary>Packets into the recording buffer, and a recording out of it, by a real ffmpeg.</summary>
public sealed class RecordingBuffersTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("buffers-").FullName;
    private readonly RecordingBuffers _buffers;
    private readonly PixelPool _pool = new();

    private readonly ITestOutputHelper _output;

    public RecordingBuffersTests(ITestOutputHelper output)
    {
        _output = output;
        _buffers = new(
            new(Path.Combine(_root, "ring, of [edge]: 100%"), TimeSpan.FromSeconds(60), 100_000_000),
            new(new FfmpegLauncher(TimeProvider.System), () => FfmpegTool.Find(), _pool, TimeProvider.System),
            NullLogger<RecordingBuffers>.Instance);
    }

    public static TheoryData<string> Streams => [.. CodedVideos.All.Where(coding => !coding.Contains("open", StringComparison.Ordinal))];

    private string Recording => Path.Combine(_root, "event.mp4.part");

    public void Dispose()
    {
        _buffers.Dispose();
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_root, "ring, of [edge]: 100%")));
        Directory.Delete(_root, recursive: true);
        _pool.Dispose();
    }

    [NeedsTheory("ffmpeg")]
    [MemberData(nameof(Streams))]
    public async Task A_recording_holds_the_pictures_of_its_span_from_key_picture_to_key_picture_bit_for_bit(string coding)
    {
        var file = CodedVideos.Make(coding);
        var (stream, packets) = CodedVideos.Read(file);
        var days = TimeSpan.FromDays(400); // cameras are on for long
        using (var sink = Sink())
        {
            sink.Begin(stream);
            foreach (var packet in packets)
            {
                using var late = new Packet(packet.Length) { Presentation = packet.Presentation + days, IsKey = packet.IsKey };
                packet.Bytes.CopyTo(late.Bytes);
                sink.Add(late);
            }
        }

        var half = TimeSpan.FromSeconds(0.5);
        var (begin, end) = (KeyAfter(1), KeyAfter(4));
        var result = await _buffers.JoinAsync(new("front", 3, days + begin + half, days + end - half), Recording, CancellationToken.None);

        Assert.Equal(RecordingResult.Whole, result);
        var whole = Hashes(file);
        Assert.Equal(150, whole.Length);
        Assert.Equal(whole[Shown(begin)..Shown(end)], Hashes(Recording));

        TimeSpan KeyAfter(int seconds) =>
            packets.First(packet => packet.IsKey && packet.Presentation >= packets[0].Presentation + TimeSpan.FromSeconds(seconds)).Presentation;

        int Shown(TimeSpan before) => packets.Count(packet => packet.Presentation < before);
    }

    [NeedsFact("ffmpeg")]
    public async Task What_ffmpeg_says_against_a_recording_is_a_failure_and_no_child_is_left()
    {
        var (stream, packets) = CodedVideos.Read(CodedVideos.Make("MJPEG"));
        using (var sink = Sink())
        {
            sink.Begin(stream);
            packets.ForEach(sink.Add);
        }

        var before = ChildProcesses.Count;
        var span = new RecordingSpan("front", 3, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.Equal(
            RecordingResult.Failed, await _buffers.JoinAsync(span, Path.Combine(_root, "none", "a.mp4"), CancellationToken.None));
        Assert.Equal(before, ChildProcesses.Count);
        Assert.Equal(RecordingResult.Whole, await _buffers.JoinAsync(span, Recording, CancellationToken.None));
    }

    [MeasureFact("ffmpeg")]
    public async Task Keeping_a_stream_costs_a_small_part_of_decoding_it()
    {
        const int Times = 20;
        var file = Videos.Made(
            "kept.ts", "-f lavfi -i testsrc2=size=1280x720:rate=25:duration=20 -vf noise=alls=6:allf=t -c:v libx264 -preset veryfast "
                + "-b:v 2M -maxrate 2M -bufsize 2M -bf 0 -g 50 -pix_fmt yuv420p");
        var (stream, packets) = CodedVideos.Read(file);
        using var decoding = Process.Start("ffmpeg", $"-v error -threads 1 -i {file} -f null -");
        await decoding.WaitForExitAsync();
        var decoded = decoding.TotalProcessorTime / packets.Count;

        using var sink = Sink();
        sink.Begin(stream);
        var before = Environment.CpuUsage.TotalTime;
        var length = packets[^1].Presentation;
        for (var i = 0; i < Times; i++)
        {
            foreach (var packet in packets)
            {
                using var next = new Packet(packet.Length) { Presentation = packet.Presentation + (length * i), IsKey = packet.IsKey };
                packet.Bytes.CopyTo(next.Bytes);
                sink.Add(next);
            }

            await _buffers.JoinAsync(new("front", 4, default, default), "", CancellationToken.None); // waits until all is written
        }

        var kept = (Environment.CpuUsage.TotalTime - before) / (Times * packets.Count);
        var began = Stopwatch.GetTimestamp();
        var start = packets[0].Presentation;
        await _buffers.JoinAsync(new("front", 3, start, start + TimeSpan.FromSeconds(7)), Recording, CancellationToken.None);
        _output.WriteLine(
            $"{packets.Sum(packet => (long)packet.Length) * 8 / length.TotalSeconds / 1e6:0.0} Mbit/s; a packet: kept {kept.TotalMicroseconds:0.0} µs, "
            + $"decoded {decoded.TotalMicroseconds:0} µs, {kept / decoded:0.0000} of it; seven seconds joined in "
            + $"{Stopwatch.GetElapsedTime(began).TotalSeconds:0.00} s; left out {_buffers.LeftOut}");
        Assert.InRange(kept / decoded, 0, 0.05);
    }

    private IPacketSink Sink() =>
        ((IPacketKeeper)_buffers.For("front", new SourceOptions { Url = "rtsp://camera/1" })!).Begin(3)!;

    private static string[] Hashes(string file)
    {
        using var ffmpeg = Process.Start(new ProcessStartInfo(
            "ffmpeg",
            ["-v", "error", "-f", file.EndsWith(".ts", StringComparison.Ordinal) ? "mpegts" : "mp4", "-i", file, "-fps_mode", "passthrough",
                "-f", "framemd5", "pipe:1"])
        { RedirectStandardOutput = true })!;
        var lines = ffmpeg.StandardOutput.ReadToEnd().Split('\n');
        ffmpeg.WaitForExit();
        return [.. lines.Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split(',')[^1].Trim())];
    }
}
