using ActionStream.Core.Media;
using ActionStream.Ingest.Windowing;
using BenchmarkDotNet.Attributes;

namespace ActionStream.Micro;

/// <summary>One sampled frame into the ring, and the clips that fall due: the work per frame between ffmpeg's pipe and the queue.</summary>
[MemoryDiagnoser]
public class WindowingBenchmarks
{
    private readonly PixelPool _pool = new();
    private readonly List<Clip> _clips = [];
    private ClipAssembler _assembler = null!;
    private long _index;

    [Params(112, 224)]
    public int Side { get; set; }

    [Params(1, 4, 16)]
    public int Hop { get; set; }

    private FrameSize Size => new(Side, Side);

    [GlobalSetup]
    public void LoadedConfiguration() => _assembler = new(
        "bench", new WindowSpec(16, TimeSpan.FromMilliseconds(125), Hop), Size, TimeProvider.System);

    [GlobalCleanup]
    public void Cleanup()
    {
        _assembler.Dispose();
        _pool.Dispose();
    }

    [Benchmark]
    public void AddFrame()
    {
        var time = new FrameTime(0, _index++ * TimeSpan.FromMilliseconds(125), TimeProvider.System.GetTimestamp());
        using var frame = new Frame(time, Size, _pool.Rent(Size.Bytes));
        _assembler.Add(frame, _clips);
        foreach (var clip in _clips)
        {
            clip.Dispose();
        }

        _clips.Clear();
    }
}
