namespace ActionStream.Ingest.Windowing;

/// <summary>Tells a clock that runs away from frames that come late now and then: the earliest frames of some seconds are later, or
/// earlier, than those of the seconds before, and so again and again.</summary>
internal sealed class ClockDrift
{
    /// <summary>A step by which time is another time.</summary>
    public static readonly TimeSpan Jump = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Span = TimeSpan.FromSeconds(5);
    private const int Enough = 4;

    private TimeSpan? _least;
    private TimeSpan _leastAt;
    private TimeSpan _turnAt;
    private (TimeSpan Offset, TimeSpan At)? _before;
    private int _inARow;

    /// <summary>Seconds lost in a second, by the last two spans; negative where they are gained.</summary>
    public double Rate { get; private set; }

    /// <summary>True once it has run the same way for four spans, until it has not for four.</summary>
    public bool IsRunningAway { get; private set; }

    /// <param name="offset">Arrival less presentation of a frame.</param>
    public void Add(TimeSpan offset, TimeSpan arrival)
    {
        if (_least is not null && arrival >= _turnAt)
        {
            Turn(_least.Value);
            _least = null;
        }

        if (_least is null)
        {
            (_least, _leastAt, _turnAt) = (offset, arrival, arrival + Span);
        }
        else if (offset <= _least)
        {
            (_least, _leastAt) = (offset, arrival);
        }
    }

    /// <summary>What an undelayed frame's would be, while it runs away.</summary>
    public TimeSpan OffsetAt(TimeSpan arrival) =>
        _before is { } before ? before.Offset + Rate * (arrival - before.At) : TimeSpan.Zero;

    public void Reset() => (_least, _before, _inARow, Rate, IsRunningAway) = (null, null, 0, 0, false);

    private void Turn(TimeSpan least)
    {
        if (_before is { } before && _leastAt > before.At)
        {
            var rate = (least - before.Offset) / (_leastAt - before.At);
            var isSame = Math.Abs(rate) > StreamClock.RunsAway && (_inARow <= 0 || Math.Sign(rate) == Math.Sign(Rate));
            _inARow = (isSame, IsRunningAway) switch
            {
                (true, false) => _inARow + 1,
                (true, true) => Enough,
                (false, false) => 0,
                (false, true) => _inARow - 1,
            };
            IsRunningAway = _inARow >= Enough || (IsRunningAway && _inARow > 0);
            Rate = rate;
        }

        _before = (least, _leastAt);
    }
}
