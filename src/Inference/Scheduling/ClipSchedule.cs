using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using ActionStream.Core.Media;
using ActionStream.Core.Stages;
using ActionStream.Inference.Scoring;

namespace ActionStream.Inference.Scheduling;

/// <summary>How many windows may wait and be worked on per stream, and what happens to more.</summary>
/// <param name="Waiting">Windows that may wait per stream: a burst of late frames completes a few at once.</param>
/// <param name="InFlight">Windows of one stream that may be worked on at once: one where they share tokens.</param>
/// <param name="Sheds">True: what is too much or too late gives way, as live video must. False: the writer waits and nothing is lost, as a recording must.</param>
public sealed record ScheduleOptions(int Waiting = 3, int InFlight = 1, bool Sheds = true);

/// <summary>The queue in front of the workers, as a channel: each stream has its own short stream queue, and the next window is the most urgent one whose stream is not ahead of its share.</summary>
/// <remarks>
/// Earliest deadline first among the streams that have been served least. Deadlines alone would starve: with too much work
/// they always pick the window that is about to be replaced, so the same cameras win every time. Stream queues alone would be late.
/// While there is enough capacity the shares never bind, and it is plain earliest deadline first.
/// A stream queue that is full is behind: its newest window is worth more than the older ones, which are shed.
/// </remarks>
public sealed partial class ClipSchedule : Channel<Clip>
{
    private readonly Lock _lock = new();
    private readonly ScheduleOptions _options;
    private readonly IClipModel _model;
    private readonly StageMeter _stage;
    private readonly InferenceMeter _meter;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, Lane> _lanes;
    private Lane[] _all = [];
    private readonly Signal _readable = new();
    private readonly Signal _writable = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private double _served;
    private long _offered;
    private long _late;
    private int _waiting;
    private bool _isCompleted;
    private Exception? _fault;

    public ClipSchedule(
        IEnumerable<StreamDemand> demands, ScheduleOptions options, IClipModel model, StageMeter stage, InferenceMeter meter, TimeProvider time)
    {
        (_options, _model, _stage, _meter, _time) = (options, model, stage, meter, time);
        _lanes = demands.ToDictionary(demand => demand.Stream, demand => new Lane(demand), StringComparer.Ordinal);
        ShowLanes();
        (Writer, Reader) = (new Input(this), new Output(this));
    }

    /// <summary>Windows offered so far, and those of them that were shed because workers were too slow.</summary>
    internal (long Offered, long Late) Load
    {
        get
        {
            lock (_lock)
            {
                return (_offered, _late);
            }
        }
    }

    /// <summary>Windows that a worker could take right now.</summary>
    internal int Ready
    {
        get
        {
            lock (_lock)
            {
                var ready = 0;
                foreach (var lane in _all)
                {
                    ready += IsReady(lane) ? Math.Min(lane.Waiting.Count, _options.InFlight - lane.InFlight) : 0;
                }

                return ready;
            }
        }
    }

    /// <summary>Takes the next window; its stream queue counts it as under way until <see cref="Release"/>. What is too late for its deadline is shed on the way.</summary>
    /// <param name="taken">What the same run will do besides.</param>
    internal bool TryTake(ClipWork taken, [NotNullWhen(true)] out Clip? clip, out Ticket ticket, out long deadline)
    {
        lock (_lock)
        {
            while (Next() is { } lane)
            {
                clip = NewestIfBehind(lane);
                deadline = DeadlineOf(lane, clip);
                if (_options.Sheds && _time.GetTimestamp() + Ticks(_model.Costs.Of(taken + _model.WorkOf(clip))) > deadline)
                {
                    _meter.TooLate();
                    ShedForLoad(clip, DropReason.Deadline);
                    continue;
                }

                lane.InFlight++;
                lane.Served += lane.Demand.Period.TotalSeconds * Math.Max(1, lane.HopMultiplier);
                ticket = new(lane, lane.Taken++);
                return true;
            }

            (clip, ticket, deadline) = (null, default, 0);
            return false;
        }
    }

    /// <summary>Blocks until there may be something to take; false at the end. For threads of their own: unlike the reader's wait it makes no objects.</summary>
    internal bool WaitToTake(CancellationToken cancel)
    {
        while (true)
        {
            lock (_lock)
            {
                if (IsAnyReady(out var isOver) || isOver)
                {
                    return !isOver;
                }

                _readable.Announce();
            }

            _readable.Block(cancel);
        }
    }

    /// <summary>A window that was taken is done, however it ended.</summary>
    internal void Release(Ticket ticket)
    {
        lock (_lock)
        {
            ticket.Lane.InFlight--;
            ticket.Lane.TellIfIdle();
            if (IsReady(ticket.Lane))
            {
                _readable.Wake();
            }
        }
    }

    private Lane? Next()
    {
        var least = double.PositiveInfinity;
        foreach (var lane in _all)
        {
            least = IsReady(lane) && lane.Served < least ? lane.Served : least;
        }

        Lane? next = null;
        var earliest = long.MaxValue;
        foreach (var lane in _all)
        {
            if (IsReady(lane) && lane.Served <= least + lane.Demand.Period.TotalSeconds
                && DeadlineOf(lane, lane.Waiting.Peek()) is var deadline && (next is null || deadline < earliest))
            {
                (next, earliest) = (lane, deadline);
            }
        }

        _served = next is null ? _served : least;
        return next;
    }

    private Clip NewestIfBehind(Lane lane)
    {
        for (var isBehind = _options.Sheds && lane.Waiting.Count >= _options.Waiting; isBehind && lane.Waiting.Count > 1;)
        {
            ShedForLoad(Remove(lane), DropReason.QueueFull);
        }

        return Remove(lane);
    }

    /// <param name="isOver">Nothing is left and nothing will come.</param>
    private bool IsAnyReady(out bool isOver)
    {
        isOver = _isCompleted && _waiting == 0;
        if (isOver && _fault is not null)
        {
            throw _fault;
        }

        foreach (var lane in _all)
        {
            if (IsReady(lane))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsReady(Lane lane) => lane.Waiting.Count > 0 && lane.InFlight < _options.InFlight;

    private long DeadlineOf(Lane lane, Clip clip) =>
        lane.Demand.Deadline == TimeSpan.Zero
            ? long.MaxValue
            : clip.Time.ArrivedAt + Ticks(lane.Demand.Deadline - clip.Time.CaptureDelay);

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);

    private Clip Remove(Lane lane)
    {
        _waiting--;
        _writable.WakeAll();
        CompleteIfEmpty();
        return lane.Waiting.Dequeue();
    }

    private void Shed(Clip clip, DropReason reason)
    {
        _stage.Dropped(reason);
        _meter.Unanswered(clip.Stream, reason.Label);
        clip.Dispose();
    }

    private void ShedForLoad(Clip clip, DropReason reason)
    {
        _late++;
        Shed(clip, reason);
    }

    private void CompleteIfEmpty()
    {
        if (_isCompleted && _waiting == 0)
        {
            _readable.WakeAll();
            _ = _fault is null ? _completion.TrySetResult() : _completion.TrySetException(_fault);
        }
    }

    // Under the lock. False: the stream queue is full, and its writer waits.
    private bool TryOffer(Clip clip)
    {
        if (!_lanes.TryGetValue(clip.Stream, out var lane))
        {
            Shed(clip, DropReason.Stopped);
            return true;
        }

        if (!_options.Sheds && lane.Waiting.Count >= _options.Waiting)
        {
            return false;
        }

        _offered++;
        if (!IsTakenIn(lane, clip))
        {
            Shed(clip, DropReason.LoadShed);
            return true;
        }

        if (lane.Waiting.Count >= _options.Waiting)
        {
            ShedForLoad(Remove(lane), DropReason.QueueFull);
        }

        if (lane.Waiting.Count == 0 && lane.InFlight == 0)
        {
            lane.Served = Math.Max(lane.Served, _served); // who had nothing to ask has saved nothing up
        }

        _waiting++;
        lane.Waiting.Enqueue(clip);
        if (IsReady(lane))
        {
            _readable.Wake();
        }

        return true;
    }

    // By the window's place on the absolute grid, so that a lengthened hop is the same hop in every run.
    private static bool IsTakenIn(Lane lane, Clip clip) =>
        lane.HopMultiplier > 0 && (lane.HopMultiplier == 1 || clip.Time.FirstIndex / lane.Demand.Hop % lane.HopMultiplier == 0);
}
