namespace ActionStream.Publish.Events;

/// <summary>Finds the stretches in which one class almost began an event, so that a missed event can be told from one that was
/// never in sight.</summary>
/// <remarks>
/// A stretch begins with a score within <see cref="Margin"/> of the threshold and ends when the scores have stayed below that for as
/// long as would end an event. An event, or the rest after one, anywhere in it makes it none. Pure.
/// </remarks>
internal sealed class NearMissTracker(TimeSpan mergeGap)
{
    /// <summary>How far below the threshold still is close; for thresholds below twice as much, their half.</summary>
    public const double Margin = 0.1;

    private NearMissRun _run;
    private bool _isNear;
    private bool _wasFar;
    private bool _isExplained;

    /// <summary>Takes the score of one decision, after the class' own tracker had it.</summary>
    /// <returns>The stretch that this score shows to be over.</returns>
    public NearMissRun? Update(double score, TimeSpan at, long window, EventTracker events)
    {
        var isClose = score >= FloorOf(events.Enter);
        _wasFar |= !isClose;
        var over = _isNear && _wasFar && at - _run.Last > mergeGap ? Finish() : null;
        if (isClose)
        {
            _wasFar = false;
            if (!_isNear)
            {
                (_isNear, _isExplained, _run) = (true, false, new(at, at, score, at, window, events.Enter));
            }

            _run = _run with { Last = at };
            if (score > _run.Top)
            {
                _run = _run with { Top = score, TopAt = at, TopWindow = window };
            }
        }

        _isExplained |= events.IsOpen || events.Rests(at);
        return over;
    }

    /// <summary>Nothing follows that could make an event of it.</summary>
    public NearMissRun? Finish()
    {
        var isMissed = _isNear && !_isExplained;
        _isNear = false;
        return isMissed ? _run : null;
    }

    private static double FloorOf(double enter) => Math.Max(enter - Margin, enter / 2);
}
