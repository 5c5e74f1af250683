using ActionStream.Core.Media;
using Microsoft.Extensions.Logging;

namespace ActionStream.Inference.Scoring;

/// <summary>Holds cached answers against the whole model's, at the start and every so often: exactness is not promised but shown.</summary>
/// <remarks>If they ever differ, the cached path is left for good and windows go through whole: slower, and right.</remarks>
public sealed partial class SelfCheck : IDisposable
{
    /// <summary>Largest difference of two logits that rounding explains, for float32; relative beyond logits of 1.</summary>
    public const double Tolerance = 1e-4;

    private readonly Lock _lock = new();
    private readonly WindowScorer _whole;
    private readonly TimeSpan _every;
    private readonly double _tolerance;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private long _last;
    private long _checks;
    private long _failures;
    private double _difference;
    private volatile bool _isTrusted = true;

    /// <param name="whole">The model in one graph.</param>
    /// <param name="every">Zero: only at the start.</param>
    /// <param name="tolerance">Infinite where the two may differ, as in whole-number arithmetic whose scales depend on
    /// the batch: then it only reports.</param>
    internal SelfCheck(WindowScorer whole, TimeSpan every, double tolerance, TimeProvider time, ILogger log)
    {
        (_whole, _every, _tolerance, _time, _log) = (whole, every, tolerance, time, log);
        _last = time.GetTimestamp();
    }

    /// <summary>False once a cached answer was wrong.</summary>
    public bool IsTrusted => _isTrusted;

    public long Checks => Interlocked.Read(ref _checks);

    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Largest difference of two logits in the last check.</summary>
    public double Difference => Volatile.Read(ref _difference);

    /// <summary>Compares if it is time to. Takes as long as a whole window, on the worker that asks.</summary>
    internal void Compare(Clip clip, ReadOnlySpan<float> cached)
    {
        if (_every > TimeSpan.Zero && _time.GetElapsedTime(Interlocked.Read(ref _last)) >= _every)
        {
            CompareNow(clip, cached);
        }
    }

    /// <returns>False if they differ.</returns>
    internal bool CompareNow(Clip clip, ReadOnlySpan<float> cached)
    {
        lock (_lock)
        {
            Interlocked.Exchange(ref _last, _time.GetTimestamp());
            var whole = _whole.Score([clip]);
            var (difference, largest) = (0.0, 1.0);
            for (var i = 0; i < whole.Length; i++)
            {
                difference = Math.Max(difference, Math.Abs(whole[i] - cached[i]));
                largest = Math.Max(largest, Math.Abs(whole[i]));
            }

            Volatile.Write(ref _difference, difference);
            Interlocked.Increment(ref _checks);
            LogChecked(clip.Stream, difference);
            if (difference <= _tolerance * largest) // also false if one is not a number
            {
                return true;
            }

            Interlocked.Increment(ref _failures);
            _isTrusted = false;
            LogDiffers(clip.Stream, difference, _tolerance * largest);
            return false;
        }
    }

    /// <summary>What to do without trust. One clip at a time, one worker at a time.</summary>
    internal float[] ScoreWhole(ReadOnlySpan<Clip> clips)
    {
        lock (_lock)
        {
            var logits = new List<float>();
            foreach (var clip in clips)
            {
                logits.AddRange(_whole.Score([clip]));
            }

            return [.. logits];
        }
    }

    public void Dispose() => _whole.Dispose();

    [LoggerMessage(LogLevel.Debug, "{Stream}: cached tokens and the whole window differ by {Difference:e1}")]
    private partial void LogChecked(string stream, double difference);

    [LoggerMessage(
        LogLevel.Error,
        "{Stream}: cached tokens and the whole window differ by {Difference:e1}, more than {Tolerance:e1}: "
        + "from here on every window goes through whole")]
    private partial void LogDiffers(string stream, double difference, double tolerance);
}
