namespace ActionStream.Ingest.Windowing;

/// <summary>Ties the stream's own time to ours: the frame that came fastest lately shows how far apart the two clocks are.</summary>
/// <remarks>
/// Lately, not ever: a camera whose clock is 50 ppm slow falls four seconds a day behind ours, and would seem to be late.
/// One whose clock runs away altogether is tied anew every few seconds.
/// </remarks>
internal sealed class StreamClock(TimeProvider time)
{
    /// <summary>A clock that gains or loses more is no clock: no quartz does, and no window of the model's length would be one.</summary>
    public const double RunsAway = 0.03;

    private static readonly TimeSpan Span = TimeSpan.FromMinutes(2);

    private readonly ClockDrift _drift = new();
    private long _firstArrival;
    private bool _isRunning;
    private TimeSpan? _baseline;
    private TimeSpan _earlier;
    private TimeSpan _current;
    private TimeSpan _turnAt;
    private (TimeSpan Presentation, TimeSpan Arrival) _last;
    private TimeSpan _newest;

    /// <summary>How far the stream's clock has drifted from ours since the connection began; positive if it runs slow.</summary>
    public TimeSpan Skew { get; private set; }

    /// <summary>Seconds that the stream's clock loses in one of ours, where that is too much to be a clock's; else 0.</summary>
    public double Drift => _drift.IsRunningAway ? _drift.Rate : 0;

    /// <summary>True if with the last frame another time began.</summary>
    public bool HasJumped { get; private set; }

    /// <summary>How much later than its own time the frame arrived, against the fastest of the last minutes.</summary>
    /// <remarks>A camera that wakes goes back: then both times are earlier than those before, by the same.</remarks>
    public TimeSpan Delay(TimeSpan presentation, long arrivedAt)
    {
        if (!_isRunning)
        {
            _firstArrival = arrivedAt;
        }

        var arrival = time.GetElapsedTime(_firstArrival, arrivedAt);
        var offset = arrival - presentation;
        HasJumped = _isRunning && IsJump(presentation, arrival);
        if (!_isRunning || HasJumped)
        {
            _newest = arrival;
            (_isRunning, _earlier, _current, _turnAt, _baseline) = (true, offset, offset, arrival + Span, null);
            _drift.Reset();
        }
        else if (arrival >= _turnAt)
        {
            _baseline ??= _current; // in the first span the connection's buffers still empty, so it only sets the mark
            Skew = _current - _baseline.Value;
            (_earlier, _current, _turnAt) = (_current, offset, arrival + Span);
        }

        _last = (presentation, arrival);
        if (arrival >= _newest)
        {
            _newest = arrival;
            _drift.Add(offset, arrival); // in order: earlier ones say nothing about where the clock runs
        }

        if (_drift.IsRunningAway)
        {
            var expected = _drift.OffsetAt(arrival);
            (_earlier, _current) = (offset < expected ? offset : expected, offset < expected ? offset : expected);
            return offset - _current;
        }

        _current = _current < offset ? _current : offset;
        var fastest = _current < _earlier ? _current : _earlier;
        return offset - fastest;
    }

    public void Reset() => (_isRunning, _baseline, Skew, HasJumped) = (false, null, TimeSpan.Zero, false);

    // Time that jumps ahead of ours, or back: another time, to be tied anew. Frames that come late do neither, nor do those that are
    // decoded later than others that came after them.
    private bool IsJump(TimeSpan presentation, TimeSpan arrival)
    {
        var (step, passed) = (presentation - _last.Presentation, arrival - _last.Arrival);
        return step < (passed < TimeSpan.Zero ? passed : TimeSpan.Zero) - ClockDrift.Jump || step > passed + ClockDrift.Jump;
    }
}
