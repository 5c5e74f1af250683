using System.Diagnostics.Metrics;

namespace ActionStream.Core.Stages;

/// <summary>Histogram boundaries, chosen once so that panels can be compared.</summary>
public static class Buckets
{
    /// <summary>5 ms to 10 s, evenly spaced on a log scale, in seconds.</summary>
    public static InstrumentAdvice<double> Latency { get; } = new()
    {
        HistogramBucketBoundaries = [0.005, 0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.15, 0.2, 0.35, 0.5, 0.75, 1, 2, 3.5, 5, 10],
    };

    /// <summary>0 to 1 in tenths, finer near 1, where quality usually lies.</summary>
    public static InstrumentAdvice<double> Ratio { get; } = new()
    {
        HistogramBucketBoundaries = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1],
    };

    /// <summary>1 to 64 in doublings.</summary>
    public static InstrumentAdvice<long> BatchSize { get; } = new() { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64] };
}
