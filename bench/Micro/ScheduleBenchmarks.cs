using System.Diagnostics.Metrics;
using ActionStream.Core.Media;
using ActionStream.Core.Modelling;
using ActionStream.Core.Stages;
using ActionStream.Inference.Batching;
using ActionStream.Inference.Metrics;
using ActionStream.Inference.Scheduling;
using ActionStream.Inference.Scoring;
using BenchmarkDotNet.Attributes;

namespace ActionStream.Micro;

/// <summary>One window through the schedule: offered, taken as the most urgent of its share, released. What
/// batching costs besides the model.</summary>
[MemoryDiagnoser]
public class ScheduleBenchmarks
{
    private const int Frames = 16;

    private readonly Meter _meter = new("bench");
    private readonly PixelPool _pool = new();
    private readonly PixelBlock[] _frames = new PixelBlock[Frames];
    private ClipSchedule _schedule = null!;
    private string[] _streams = null!;
    private long _index;

    [Params(1, 16, 64)]
    public int Cameras { get; set; }

    [GlobalSetup]
    public void LoadedConfiguration()
    {
        _streams = [.. Enumerable.Range(0, Cameras).Select(i => $"cam{i}")];
        _schedule = new(
            _streams.Select(stream => new StreamDemand(stream, 2, TimeSpan.FromMilliseconds(125), TimeSpan.FromSeconds(2))),
            new(), new Nothing(), new StageMeter(_meter, "inference"), new InferenceMeter(_meter, _streams), TimeProvider.System);
        for (var i = 0; i < Frames; i++)
        {
            _frames[i] = _pool.Rent(12);
        }
    }

    [Benchmark]
    public async Task OfferTakeRelease()
    {
        var now = TimeProvider.System.GetTimestamp();
        foreach (var frame in _frames)
        {
            frame.Share();
        }

        _index += 2;
        await _schedule.WriteAsync(
            new(
                _streams[_index / 2 % Cameras], new ClipTime(0, 0, _index, default, default, default, now, now), default,
                new FrameSize(2, 2), _frames),
            CancellationToken.None);
        if (_schedule.TryTake(default, out var clip, out var number, out _))
        {
            clip.Dispose();
            _schedule.Release(number);
        }
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        foreach (var frame in _frames)
        {
            frame?.Dispose();
        }

        _pool.Dispose();
        _meter.Dispose();
    }

    private sealed class Nothing : IClipModel
    {
        public ModelCard Card { get; } = new();

        public string Requested => "cpu";

        public string Device => "cpu";

        public bool IsGpu => false;

        public ModelCosts Costs { get; } = new(new([1], [TimeSpan.FromMilliseconds(1)]));

        public SelfCheck? SelfCheck => null;

        public BatchPolicy Policy { get; } = new() { MaxSize = 1 };

        public void Dispose()
        {
        }

        public ClipWork WorkOf(Clip clip) => new(1, 0);

        public IClipScorer OpenScorer(BatchPolicy policy) => throw new NotSupportedException();
    }
}
