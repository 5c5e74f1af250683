using ActionStream.Publish.Events;
using BenchmarkDotNet.Attributes;

namespace ActionStream.Micro;

/// <summary>One decision smoothed: what 400 classes cost per window.</summary>
[MemoryDiagnoser]
public class SmootherBenchmarks
{
    private readonly float[] _scores = [.. Enumerable.Range(0, 400).Select(i => i / 400f)];
    private readonly Smoother _smoother = new(TimeSpan.FromMilliseconds(750), 400);
    private TimeSpan _at;

    [Benchmark]
    public bool Update() => _smoother.TryUpdate(_scores, 0, 0, _at += TimeSpan.FromMilliseconds(250));
}
