namespace ActionStream.Ingest.Windowing;

/// <summary>Ties the stream's own time to ours: the frame that came fastest lately shows how far apart the two clocks are.</summary>
/// <remarks>
/// Lately, not ever: a camera whose clock is 50 ppm slow falls four seconds a day behind ours, and would seem to be late.
/// </remarks>
internal sealed class StreamClock(TimeProvider time)
{
    private static readonly TimeSpan Span = TimeSpan.FromMinutes(2);

    private long _firstArrival;
    private bool _isRunning;
    private TimeSpan? _baseline;
    private TimeSpan _earlier;
    private TimeSpan _current;
    private TimeSpan _turnAt;

    /// <summary>How far the stream's clock has drifted from ours since the connection began; positive if it runs slow.</summary>
    public TimeSpan Skew { get; private set; }

    /// <summary>How much later than its own time the frame arrived, against the fastest of the last minutes.</summary>
    public TimeSpan Delay(TimeSpan presentation, long arrivedAt)
    {
        if (!_isRunning)
        {
            _firstArrival = arrivedAt;
        }

        var arrival = time.GetElapsedTime(_firstArrival, arrivedAt);
        var offset = arrival - presentation;
        if (!_isRunning)
        {
            (_isRunning, _earlier, _current, _turnAt) = (true, offset, offset, arrival + Span);
        }
        else if (arrival >= _turnAt)
        {
            _baseline ??= _current; // in the first span the connection's buffers still empty, so it only sets the mark
            Skew = _current - _baseline.Value;
            (_earlier, _current, _turnAt) = (_current, offset, arrival + Span);
        }

        _current = _current < offset ? _current : offset;
        var fastest = _current < _earlier ? _current : _earlier;
        return offset - fastest;
    }

    public void Reset() => (_isRunning, _baseline, Skew) = (false, null, TimeSpan.Zero);
}
