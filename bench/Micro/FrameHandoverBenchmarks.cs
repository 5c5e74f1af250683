using ActionStream.Core.Media;
using ActionStream.Ingest.Sources;
using BenchmarkDotNet.Attributes;

namespace ActionStream.Micro;

/// <summary>One frame from the reading thread to a consumer that waits for it: on the same thread, nobody is woken.</summary>
[MemoryDiagnoser]
public class FrameHandoverBenchmarks
{
    private readonly PixelPool _pool = new();
    private readonly FrameSize _size = new(112, 112);
    private FrameHandover _frames = null!;
    private Task<long> _consumer = null!;

    [GlobalSetup]
    public void LoadedConfiguration()
    {
        _frames = new FrameHandover(4, dropsOldest: true, () => { });
        _consumer = ConsumeAsync();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _frames.Complete();
        _consumer.GetAwaiter().GetResult();
        _pool.Dispose();
    }

    [Benchmark]
    public bool WriteAndTake() => _frames.Write(new Frame(new FrameTime(0, TimeSpan.Zero, 0), _size, _pool.Rent(_size.Bytes)));

    private async Task<long> ConsumeAsync()
    {
        var count = 0L;
        await foreach (var frame in _frames.Reader.ReadAllAsync())
        {
            frame.Dispose();
            count++;
        }

        return count;
    }
}
