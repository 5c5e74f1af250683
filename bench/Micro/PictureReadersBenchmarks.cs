using System.Diagnostics;
using ActionStream.Core.Media;
using ActionStream.Ingest.Packets;
using ActionStream.Ingest.Packets.Pictures;
using BenchmarkDotNet.Attributes;

namespace ActionStream.Micro;

/// <summary>One packet looked into without decoding it: four seconds of 720p, key frames with their parameter sets among them.</summary>
[MemoryDiagnoser]
public class PictureReadersBenchmarks
{
    private const int Count = 100;

    private readonly List<byte[]> _packets = [];
    private IPictureReader _reader = null!;

    [Params("libx264 -f h264", "libx265 -x265-params log-level=error -f hevc", "mpeg4 -f avi", "mjpeg -f avi")]
    public string Encoder { get; set; } = "";

    [GlobalSetup]
    public void LoadedConfiguration()
    {
        var path = Path.GetTempFileName();
        Output($"-y -f lavfi -i testsrc2=size=1280x720:rate=25 -frames:v {Count} -pix_fmt yuv420p -g 25 -c:v {Encoder} {path}");
        var sizes = System.Text.Encoding.ASCII.GetString(Output($"-i {path} -c copy -f framecrc pipe:1")).Split('\n')
            .Where(line => line.StartsWith("0,", StringComparison.Ordinal)).Select(line => int.Parse(line.Split(',')[4], null));
        var bytes = Output($"-i {path} -map 0:v -c copy -f data pipe:1");
        var at = 0;
        foreach (var size in sizes)
        {
            _packets.Add(bytes[at..(at += size)]);
        }

        var letters = Encoder switch
        {
            _ when Encoder.Contains("264", StringComparison.Ordinal) => "H264",
            _ when Encoder.Contains("265", StringComparison.Ordinal) => "HEVC",
            _ when Encoder.Contains("mjpeg", StringComparison.Ordinal) => "MJPG",
            _ => "mp4v",
        };
        var fourCc = letters.Index().Aggregate(0u, (code, letter) => code | ((uint)letter.Item << (8 * letter.Index)));
        _reader = PictureReaders.For(new(fourCc, new FrameSize(1280, 720), 0, default, (1, 25)))!;
        File.Delete(path);
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public int TryRead()
    {
        var count = 0;
        foreach (var packet in _packets)
        {
            count += _reader.TryRead(packet, out _) ? 1 : 0;
        }

        return count == Count ? count : throw new InvalidOperationException($"{count} packets, expected {Count}");
    }

    private static byte[] Output(string arguments)
    {
        using var ffmpeg = Process.Start(
            new ProcessStartInfo("ffmpeg", $"-nostdin -v error {arguments}") { RedirectStandardOutput = true })!;
        using var all = new MemoryStream();
        ffmpeg.StandardOutput.BaseStream.CopyTo(all);
        ffmpeg.WaitForExit();
        return all.ToArray();
    }
}
