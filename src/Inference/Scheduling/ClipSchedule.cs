using System.Diagnostics.CodeAnalysis;
using ActionStream.Core.Media;
using ActionStream.Core.Stages;
using ActionStream.Inference.Metrics;

namespace ActionStream.Inference.Scheduling;

/// <summary>How many windows may wait and be worked on per stream, and what happens to more.</summary>
/// <param name="Waiting">Windows that may wait per stream: a burst of late frames completes a few at once.</param>
/// <param name="InFlight">Windows of one stream that may be worked on at once: one where they share tokens.</param>
/// <param name="Sheds">True: what is too much or too late is shed, as live video must be. False: the writer waits and nothing is
/// lost, as a recording must.</param>
public sealed record ScheduleOptions(int Waiting = 3, int InFlight = 1, bool Sheds = true);

/// <summary>
/// The queue in front of the workers: each stream has its own short stream queue, and the next window is the most urgent
/// one whose stream is not ahead of its share.
/// </summary>
/// <remarks>
/// Earliest deadline first among the streams that have been served least. Deadlines alone would starve: with too much work
/// they always pick the window that is about to be replaced, so the same cameras win every time. Stream queues alone would be late.
/// While there is enough capacity the shares never bind, and it is plain earliest deadline first.
/// A stream queue that is full is behind: its newest window is worth more than the older ones, which are shed.
/// One lock guards all of it. Cameras write and wait as tasks do; workers take and wait on threads of their own.
/// </remarks>
public sealed partial class ClipSchedule : IStageWriter<Clip>, IAsyncDisposable
{
    private readonly Lock _lock = new();
    private ScheduleOptions _options;
    private readonly IClipCosts _model;
    private readonly StageMeter _stage;
    private readonly InferenceMeter _meter;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, StreamQueue> _streams;
    private StreamQueue[] _all = [];
    private readonly Signal _readable = new();
    private readonly Signal _writable = new();
    private double _virtualTime;
    private long _offered;
    private long _late;
    private int _waiting;
    private int _inFlight;
    private bool _isCompleted;
    private Exception? _fault;

    public ClipSchedule(
        IEnumerable<StreamDemand> demands, ScheduleOptions options, IClipCosts model, StageMeter stage, InferenceMeter meter,
        TimeProvider time)
    {
        (_options, _model, _stage, _meter, _time) = (options, model, stage, meter, time);
        _streams = demands.ToDictionary(demand => demand.Stream, demand => new StreamQueue(demand), StringComparer.Ordinal);
        ShowStreams();
        stage.ObserveDepth(() => Waiting);
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

    /// <summary>Windows that wait, of all streams.</summary>
    internal int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _waiting;
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
                foreach (var queue in _all)
                {
                    ready += IsReady(queue) ? Math.Min(queue.Waiting.Count, _options.InFlight - queue.InFlight) : 0;
                }

                return ready;
            }
        }
    }

    /// <summary>Takes the next window; its stream queue counts it as under way until <see cref="Release"/>. What is too late for
    /// its deadline is shed on the way.</summary>
    /// <param name="taken">What the same run will do besides.</param>
    internal bool TryTake(ClipWork taken, [NotNullWhen(true)] out Clip? clip, out SequenceNumber number, out long deadline)
    {
        lock (_lock)
        {
            while (Next() is { } queue)
            {
                clip = NewestIfBehind(queue);
                deadline = DeadlineOf(queue, clip);
                if (_options.Sheds && _time.GetTimestamp() + Ticks(_model.Costs.Of(taken + _model.WorkOf(clip))) > deadline)
                {
                    _meter.TooLate();
                    ShedForLoad(clip, DropReason.Deadline);
                    continue;
                }

                queue.InFlight++;
                _inFlight++;
                queue.VirtualTime += queue.Demand.Period.TotalSeconds * Math.Max(1, queue.HopMultiplier);
                number = new(queue, queue.Taken++);
                return true;
            }

            (clip, number, deadline) = (null, default, 0);
            return false;
        }
    }

    /// <summary>
    /// Blocks until there may be something to take; false at the end. For threads of their own: unlike <see
    /// cref="WaitToTakeAsync"/> it makes no objects.
    /// </summary>
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

                _readable.WillBlock();
            }

            _readable.Block(cancel);
        }
    }

    /// <summary>The same as a task, for a worker that waits no longer than its batch has patience.</summary>
    internal async ValueTask<bool> WaitToTakeAsync(CancellationToken cancel)
    {
        while (true)
        {
            Task news;
            lock (_lock)
            {
                if (IsAnyReady(out var isOver) || isOver)
                {
                    return !isOver;
                }

                news = _readable.WaitAsync(cancel);
            }

            await news;
        }
    }

    /// <summary>A window that was taken is done, however it ended.</summary>
    internal void Release(SequenceNumber number)
    {
        lock (_lock)
        {
            number.Queue.InFlight--;
            number.Queue.TellIfIdle();
            _inFlight--;
            TellIfHeld();
            if (IsReady(number.Queue))
            {
                _readable.Wake();
            }
        }
    }

    private StreamQueue? Next()
    {
        var least = double.PositiveInfinity;
        foreach (var queue in _all)
        {
            least = IsReady(queue) && queue.VirtualTime < least ? queue.VirtualTime : least;
        }

        StreamQueue? next = null;
        var earliest = long.MaxValue;
        foreach (var queue in _all)
        {
            if (IsReady(queue) && queue.VirtualTime <= least + queue.Demand.Period.TotalSeconds
                && DeadlineOf(queue, queue.Waiting.Peek()) is var deadline && (next is null || deadline < earliest))
            {
                (next, earliest) = (queue, deadline);
            }
        }

        _virtualTime = next is null ? _virtualTime : least;
        return next;
    }

    private Clip NewestIfBehind(StreamQueue queue)
    {
        var isBehind = _options.Sheds && queue.Waiting.Count >= _options.Waiting && IsOverdue(queue, queue.Waiting.Peek());
        while (isBehind && queue.Waiting.Count > 1)
        {
            ShedForLoad(Remove(queue), DropReason.QueueFull);
        }

        return Remove(queue);
    }

    /// <param name="isOver">Nothing is left and nothing will come.</param>
    private bool IsAnyReady(out bool isOver)
    {
        isOver = _isCompleted && _waiting == 0;
        if (isOver && _fault is not null)
        {
            throw _fault;
        }

        foreach (var queue in _all)
        {
            if (IsReady(queue))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsReady(StreamQueue queue) => !_isHeld && queue.Waiting.Count > 0 && queue.InFlight < _options.InFlight;

    private long DeadlineOf(StreamQueue queue, Clip clip) =>
        queue.Demand.Deadline == TimeSpan.Zero
            ? long.MaxValue
            : Ticks(queue.Demand.Deadline) // what the camera was late before is not ours to make good, nor what its sleep made late
                + (clip.Time.IsBeforeWaking ? clip.Time.ReadyAt : clip.Time.ArrivedAt);

    // One window comes in a period: only who waits longer waits for a worker, and not for the others of a burst.
    private bool IsOverdue(StreamQueue queue, Clip clip) =>
        !clip.Time.IsBeforeWaking && _time.GetElapsedTime(clip.Time.ReadyAt) >= queue.Demand.Period;

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);

    private Clip Remove(StreamQueue queue)
    {
        _waiting--;
        _writable.WakeAll();
        TellIfOver();
        return queue.Waiting.Dequeue();
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

    private void ShedAll(StreamQueue queue, DropReason reason = DropReason.Stopped)
    {
        while (queue.Waiting.Count > 0)
        {
            Shed(Remove(queue), reason);
        }
    }

    private void TellIfOver()
    {
        if (_isCompleted && _waiting == 0)
        {
            _readable.WakeAll();
        }
    }
}
