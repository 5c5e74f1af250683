using System.Diagnostics;
using ActionStream.Core.Media;
using ActionStream.Ingest.Ffmpeg.Nut;
using BenchmarkDotNet.Attributes;

namespace ActionStream.Micro;

/// <summary>One picture out of what ffmpeg writes, into pooled memory: parsing and one copy, without the pipe.</summary>
[MemoryDiagnoser]
public class NutReaderBenchmarks
{
    private const int Frames = 64;

    private readonly PixelPool _pool = new();
    private MemoryStream _nut = null!;

    [Params(112, 224)]
    public int Side { get; set; }

    private FrameSize Size => new(Side, Side);

    [GlobalSetup]
    public void LoadedConfiguration()
    {
        using var ffmpeg = Process.Start(new ProcessStartInfo("ffmpeg",
        [
            "-nostdin", "-v", "error", "-f", "lavfi", "-i", $"testsrc2=size={Side}x{Side}:rate=8", "-frames:v", $"{Frames}",
            "-c:v", "rawvideo", "-pix_fmt", "rgb24", "-f", "nut", "-write_index", "0", "pipe:1",
        ])
        { RedirectStandardOutput = true })!;
        _nut = new MemoryStream();
        ffmpeg.StandardOutput.BaseStream.CopyTo(_nut);
        ffmpeg.WaitForExit();
    }

    [GlobalCleanup]
    public void Cleanup() => _pool.Dispose();

    [Benchmark(OperationsPerInvoke = Frames)]
    public int ReadFrame()
    {
        _nut.Position = 0;
        var reader = new NutReader(_nut, Size, _pool);
        var count = 0;
        while (reader.Read(out _) is { } pixels)
        {
            pixels.Dispose();
            count++;
        }

        return count == Frames ? count : throw new InvalidOperationException($"{count} frames, expected {Frames}");
    }
}
