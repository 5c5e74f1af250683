using ActionStream.Core.Modelling;
using ActionStream.Core.Results;
using ActionStream.Publish.Events.Zones;

namespace ActionStream.Publish.Events;

/// <summary>Everything one stream remembers between two decisions: its smoothed scores and its events.</summary>
/// <remarks>Not thread-safe.</remarks>
public sealed partial class StreamEvents
{
    private readonly EventOptions _options;
    private readonly ModelCard _card;
    private readonly Timeline _timeline;
    private readonly string _bootId;
    private readonly Smoother _smoother;
    private readonly List<ClassEvents> _classes = [];
    private readonly List<EventChange> _changes = [];
    private readonly List<(ClassEvents Class, EventChange Change, IReadOnlyList<string> Zones)> _found = [];
    private readonly ZoneWatch _zones;
    private readonly List<string> _above = [];
    private Decision? _last;
    private int _epoch = -1;
    private int _lostUpTo;
    private readonly bool _hasSchedule;
    private bool _isLost;
    private TimeSpan _clockSet;
    private TimeSpan _latest = TimeSpan.MinValue;

    /// <param name="firstEpoch">Answers of an earlier connection are not its own.</param>
    /// <param name="zones">Named parts of the frame; null for none.</param>
    public StreamEvents(
        string stream, ModelCard card, EventOptions options, Timeline timeline, string bootId, int firstEpoch = 0,
        IReadOnlyList<Zone>? zones = null)
    {
        (Stream, _card, _options, _timeline, _bootId) = (stream, card, options, timeline, bootId);
        _lostUpTo = firstEpoch - 1;
        _smoother = new(options.Smoothing, card.Labels.Count);
        _zones = new(zones ?? [], options.Smoothing);
        for (var i = 0; i < card.Labels.Count; i++)
        {
            if (options.RulesFor(card.Labels[i], card.Output) is { } rules)
            {
                _classes.Add(new(i, new(rules), rules));
            }
        }

        _hasSchedule = _classes.Exists(one => one.Schedule is not null);
    }

    public string Stream { get; }

    /// <summary>Indices of the labels that make events.</summary>
    public IEnumerable<int> Classes => _classes.Select(one => one.Label);

    /// <summary>Classes that are detected now, or whose event is open.</summary>
    internal IEnumerable<TrackedClass> Tracked =>
        from one in _classes
        where one.Events.IsDetected || one.Events.IsOpen
        select new TrackedClass(one.Label, _smoother.Values[one.Label], one.Events.IsDetected);

    public int OpenEvents => _classes.Count(one => one.Events.IsOpen);

    /// <summary>Takes the scores of one clip. Null if it came too late to matter: out of order, or
    /// from a connection already lost.</summary>
    /// <param name="now">Time stamp of this moment.</param>
    /// <param name="publish">How long the last publish lasted.</param>
    public Decision? Update(in ClipScores scores, long now, TimeSpan publish, ICollection<ActionEvent> events)
    {
        var when = scores.Time;
        if (_isLost || when.Epoch <= _lostUpTo)
        {
            return null;
        }

        if (when.Epoch > _epoch && _epoch >= 0)
        {
            Finish(EndReason.StreamLost, events);
        }

        if (!_smoother.TryUpdate(scores.Values, when.Epoch, when.Segment, when.End))
        {
            return null;
        }

        _epoch = when.Epoch;
        var at = _timeline.At(when.ArrivedAt) - when.CaptureDelay;
        _latest = at = at > _latest ? at : _latest; // a stream that finds out how late it is must not go back in time
        var local = _hasSchedule ? _timeline.Local(at) : default;
        var zones = _zones.Update(scores);
        _found.Clear();
        _above.Clear();
        _nearMisses.Clear();
        foreach (var one in _classes)
        {
            _changes.Clear();
            if (one.Schedule?.IsOn(local) == false)
            {
                one.Events.Finish(EndReason.Schedule, _changes);
                Missed(one, one.Near.Finish());
            }
            else
            {
                var score = one.CountsIn(zones) ? _smoother.Values[one.Label] : 0;
                one.Events.Window = scores.Window;
                one.Events.Update(score, at, _changes);
                Missed(one, one.Near.Update(score, at, scores.Window, one.Events));
            }

            var before = one.Entered;
            one.Enter(zones, _changes);
            foreach (var change in _changes)
            {
                _found.Add((one, change, change.Type is EventType.End ? before : one.Entered));
            }

            if (one.Events.IsDetected)
            {
                _above.Add(_card.Labels[one.Label]);
            }
        }

        var end = _timeline.Wall(at);
        var decision = new Decision(
            Stream, scores.Window, end - (when.End - when.Start), end, scores.Quality, scores.Device, TopK(), Detected(),
            Latency(scores, now, publish), at)
        {
            Presentation = when.End,
            Zones = zones,
            Reanchored = ClockSetSince(ref _clockSet),
            Epoch = when.Epoch,
        };
        _last = decision;
        foreach (var (one, change, entered) in _found)
        {
            events.Add(Event(one, change, entered));
        }

        return decision;
    }

    /// <summary>A camera that is gone, or sees nothing, takes its open events with it.</summary>
    public void Take(StreamStatus status, ICollection<ActionEvent> events)
    {
        switch (status.State)
        {
            case StreamState.Offline:
                Lost(events);
                break;
            case StreamState.Disabled:
                Lost(events, EndReason.Disabled);
                break;
            case StreamState.Online or StreamState.Degraded:
                Back();
                if (status.IsBlind)
                {
                    // No decision will follow that could end them.
                    Finish(EndReason.VideoLost, events);
                }

                break;
        }
    }

    /// <summary>The connection is gone: ends what is open. Clips of it that are still under way will be ignored.</summary>
    public void Lost(ICollection<ActionEvent> events, EndReason reason = EndReason.StreamLost)
    {
        (_isLost, _lostUpTo) = (true, Math.Max(_lostUpTo, _epoch));
        Finish(reason, events);
    }

    /// <summary>The score from which a class is detected; null for one that makes no events.</summary>
    public double? EnterOf(int label) => Find(label)?.Enter;

    /// <summary>Another threshold from the next decision on.</summary>
    public void SetEnter(int label, double enter) => Find(label)?.SetEnter(enter);

    /// <summary>Frames arrive again.</summary>
    public void Back() => _isLost = false;

    /// <summary>Ends everything open.</summary>
    public void Finish(EndReason reason, ICollection<ActionEvent> events)
    {
        foreach (var one in _classes)
        {
            _changes.Clear();
            one.Events.Finish(reason, _changes);
            foreach (var change in _changes)
            {
                events.Add(Event(one, change, one.Entered));
            }

            one.Enter([], []);
            Missed(one, one.Near.Finish());
        }
    }

    private ActionEvent Event(ClassEvents one, EventChange change, IReadOnlyList<string> entered)
    {
        if (change.Type is EventType.Start)
        {
            one.Start = _timeline.Wall(change.Start);
            (one.ClockSet, one.Reanchored) = (_timeline.ClockSet, null);
            one.Id = Id(one.Start, one.Label);
        }
        else
        {
            // Else as first told, whatever the clock was corrected by meanwhile.
            _ = _timeline.Wall(change.Last);
            var clockSet = one.ClockSet;
            if (ClockSetSince(ref clockSet) is { } set)
            {
                one.Start += set;
                (one.ClockSet, one.Reanchored) = (clockSet, (one.Reanchored ?? TimeSpan.Zero) + set);
            }
        }

        var duration = change.Last - change.Start;
        return new(
            change.Type, one.Id, _card.Labels[one.Label], one.Label, change.Score, change.Top, change.Mean, one.Start,
            change.Type is EventType.End ? one.Start + duration : null, duration, change.Reason, _last!.Value)
        {
            Zones = entered,
            PeakAt = one.Start + (change.TopAt - change.Start),
            PeakWindow = change.TopWindow,
            Reanchored = one.Reanchored,
        };
    }

    private TimeSpan? ClockSetSince(ref TimeSpan before)
    {
        var set = _timeline.ClockSet - before;
        before += set;
        return set == TimeSpan.Zero ? null : set;
    }

    private EventTracker? Find(int label) => _classes.Find(one => one.Label == label)?.Events;

    private string Id(DateTimeOffset start, int label)
    {
        var hash = 2166136261u;
        foreach (var letter in $"{_bootId}/{label}")
        {
            hash = (hash ^ letter) * 16777619;
        }

        return FormattableString.Invariant($"{Stream}-{start.UtcDateTime:yyyyMMdd'T'HHmmss.fff}Z-{(hash ^ (hash >> 16)) & 0xffff:x4}");
    }

    // Most of the time the same labels as in the last decision: none.
    private IReadOnlyList<string> Detected() =>
        _last is { } last && last.Detected.SequenceEqual(_above, StringComparer.Ordinal) ? last.Detected : [.. _above];

    private LabelScore[] TopK()
    {
        var best = new LabelScore[Math.Min(_options.TopK, _card.Labels.Count)];
        var count = 0;
        for (var i = 0; i < _card.Labels.Count; i++)
        {
            var score = _smoother.Values[i];
            if (count == best.Length && score <= best[^1].Score)
            {
                continue;
            }

            var place = count < best.Length ? count++ : count - 1;
            for (; place > 0 && best[place - 1].Score < score; place--)
            {
                best[place] = best[place - 1];
            }

            best[place] = new(_card.Labels[i], score);
        }

        return best;
    }

    private StageLatency Latency(in ClipScores scores, long now, TimeSpan publish) => new(
        scores.Time.CaptureDelay,
        _timeline.At(scores.Time.ReadyAt) - _timeline.At(scores.Time.ArrivedAt),
        _timeline.At(scores.TakenAt) - _timeline.At(scores.Time.ReadyAt),
        _timeline.At(scores.InferredAt) - _timeline.At(scores.TakenAt),
        _timeline.At(now) - _timeline.At(scores.InferredAt),
        publish);
}

/// <summary>A class that is detected, or whose event is open, after one decision.</summary>
/// <param name="Label">Its index among the model's labels.</param>
internal readonly record struct TrackedClass(int Label, double Score, bool IsDetected);
