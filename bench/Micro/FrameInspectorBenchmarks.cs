using ActionStream.Core.Media;
using ActionStream.Ingest.Quality;
using BenchmarkDotNet.Attributes;

namespace ActionStream.Micro;

/// <summary>One look at a sampled picture: a living one; one that is the same as before, compared to its last byte; one that was there a
/// while ago, summed up to its last byte.</summary>
[MemoryDiagnoser]
public class FrameInspectorBenchmarks
{
    /// <summary>Pictures in turn, more than are remembered, and than a processor's inner caches hold: a picture
    /// comes fresh from ffmpeg's pipe.</summary>
    private const int Pictures = 80;

    private byte[][] _living = null!;
    private byte[][] _same = null!;
    private byte[][] _recurring = null!;
    private FrameInspector _inspector = null!;
    private int _index;

    [Params(112, 224)]
    public int Side { get; set; }

    [GlobalSetup]
    public void LoadedConfiguration()
    {
        var size = new FrameSize(Side, Side);
        var random = new Random(1);
        _living = [.. Enumerable.Range(0, Pictures).Select(_ => Noise(random, size))];
        _same = [.. Enumerable.Range(0, Pictures).Select(_ => (byte[])_living[0].Clone())];
        _recurring = _living[..16];
        _inspector = new(size, TimeSpan.FromSeconds(8));
    }

    [Benchmark]
    public FrameMarks Living() => Look(_living);

    [Benchmark]
    public FrameMarks Same() => Look(_same);

    [Benchmark]
    public FrameMarks Recurring() => Look(_recurring);

    private FrameMarks Look(byte[][] pictures)
    {
        var index = ++_index;
        return _inspector.Look(
            pictures[index % pictures.Length], pictures[(index - 1) % pictures.Length], index * TimeSpan.FromMilliseconds(125));
    }

    private static byte[] Noise(Random random, FrameSize size)
    {
        var pixels = new byte[size.Bytes];
        random.NextBytes(pixels);
        return pixels;
    }
}
