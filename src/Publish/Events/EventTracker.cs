namespace ActionStream.Publish.Events;

/// <summary>Turns the smoothed scores of one class on one stream into events. Every start gets
/// exactly one end, and no two overlap.</summary>
/// <remarks>
/// Idle → pending (detected, not yet long enough) → open → fading (no longer detected, a short pause is forgiven) → idle.
/// Pure: it knows no clock but the times it is given.
/// </remarks>
internal sealed class EventTracker(EventRules rules)
{
    private readonly Hysteresis _detected = new(rules.Enter, rules.Leave);
    private Phase _phase;
    private TimeSpan _start;
    private TimeSpan _last;
    private TimeSpan _writtenAt;
    private TimeSpan? _restUntil;
    private double _writtenScore;
    private double _score;
    private double _top;
    private TimeSpan _topAt;
    private long _topWindow;
    private double _sum;
    private int _count;

    private enum Phase
    {
        Idle,
        Pending,
        Open,
        Fading,
    }

    /// <summary>True between a start and its end.</summary>
    public bool IsOpen => _phase is Phase.Open or Phase.Fading;

    /// <summary>True from the first score that may become an event to the event's end.</summary>
    public bool IsUnderWay => _phase is not Phase.Idle;

    /// <summary>The window whose score comes next.</summary>
    public long Window { get; set; }

    /// <summary>The score from which the class is detected.</summary>
    public double Enter { get; private set; } = rules.Enter;

    /// <summary>Another threshold from the next score on; the one to leave by keeps its share of it.</summary>
    public void SetEnter(double enter)
    {
        Enter = enter;
        _detected.Set(enter, rules.Enter > 0 ? enter * (rules.Leave / rules.Enter) : rules.Leave);
    }

    /// <summary>True while the smoothed score says so, whether or not there is an event yet.</summary>
    public bool IsDetected => _detected.IsActive;

    /// <summary>True while no event may begin, whatever the score: the last one has only just ended.</summary>
    public bool Rests(TimeSpan at) => _phase is Phase.Idle && at < _restUntil;

    /// <summary>Takes the score of one decision; whatever it changes is added to <paramref name="changes"/>, in order.</summary>
    public void Update(double score, TimeSpan at, ICollection<EventChange> changes)
    {
        // The pause was too long: the event ended back when the score fell, and this score belongs to whatever comes next.
        if (_phase is Phase.Fading && at - _last > rules.MergeGap)
        {
            End(EndReason.Score, at, changes);
        }

        _score = score;
        if (_detected.Update(score))
        {
            Detected(at, changes);
        }
        else
        {
            NotDetected(at, changes);
        }
    }

    /// <summary>Ends what is open and forgets the rest.</summary>
    public void Finish(EndReason reason, ICollection<EventChange> changes)
    {
        if (IsOpen)
        {
            End(reason, _last, changes);
        }

        _phase = Phase.Idle;
        _detected.Reset();
    }

    private void Detected(TimeSpan at, ICollection<EventChange> changes)
    {
        if (_phase is Phase.Idle)
        {
            if (at < _restUntil)
            {
                return;
            }

            (_phase, _start, _top, _sum, _count) = (Phase.Pending, at, 0, 0, 0);
        }

        if (_count == 0 || _score > _top)
        {
            (_top, _topAt, _topWindow) = (_score, at, Window);
        }

        (_last, _sum, _count) = (at, _sum + _score, _count + 1);
        if (_phase is Phase.Pending)
        {
            if (at - _start >= rules.MinDuration)
            {
                _phase = Phase.Open;
                Write(EventType.Start, null, at, changes);
            }

            return;
        }

        _phase = Phase.Open;
        if (at - _writtenAt >= rules.UpdateEvery && Math.Abs(_score - _writtenScore) >= EventRules.MaterialChange)
        {
            Write(EventType.Update, null, at, changes);
        }
    }

    private void NotDetected(TimeSpan at, ICollection<EventChange> changes)
    {
        switch (_phase)
        {
            case Phase.Pending:
                _phase = Phase.Idle;
                break;
            case Phase.Open:
                (_phase, _last) = (Phase.Fading, at);
                if (rules.MergeGap <= TimeSpan.Zero)
                {
                    End(EndReason.Score, at, changes);
                }

                break;
        }
    }

    private void End(EndReason reason, TimeSpan at, ICollection<EventChange> changes)
    {
        Write(EventType.End, reason, at, changes);
        (_phase, _restUntil) = (Phase.Idle, at + rules.Cooldown);
    }

    private void Write(EventType type, EndReason? reason, TimeSpan at, ICollection<EventChange> changes)
    {
        changes.Add(new(type, _start, _last, _score, _top, _count == 0 ? _score : _sum / _count, reason)
        {
            TopAt = _topAt,
            TopWindow = _topWindow,
        });
        (_writtenAt, _writtenScore) = (at, _score);
    }
}
