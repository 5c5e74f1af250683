using System.Collections.Concurrent;
using ActionStream.Core.Media;
using ActionStream.Ingest.Quality;
using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest.Windowing;

/// <summary>What became of one frame.</summary>
/// <param name="LostWindow">A window had begun to fill and will never be whole. Counted once per gap, however long.</param>
/// <param name="Delay">How much later than its own time the frame arrived.</param>
/// <param name="Marks">What is wrong with the frame, if it was sampled.</param>
public readonly record struct Assembly(GridVerdict Verdict, int Held, bool LostWindow, TimeSpan Delay, FrameMarks Marks);

/// <summary>Collects the frames of one stream on its grid and gives out a clip whenever one is due. No
/// clip spans a gap or a connection.</summary>
/// <remarks>
/// An empty slot shows only when the next frame comes; then the frame before it is held, as long as the two are no
/// more apart than <see cref="WindowSpec.MaxGap"/>. So one frame may complete several clips.
/// A camera that falls asleep leaves the window that was filling; no window is lost, since nothing happens in it. One that wakes
/// goes back by some seconds, and windows that were given out before it slept are not given out again.
/// </remarks>
/// <param name="inspector">Looks at every sampled frame; without one only times and decoding errors count.</param>
public sealed class ClipAssembler(
    string stream, WindowSpec window, FrameSize size, TimeProvider time, FrameInspector? inspector = null) : IDisposable
{
    private readonly TimeGrid _grid = new(window.Interval, window.MaxGap);
    private readonly FrameRing _ring = new(window.Length);
    private readonly StreamClock _clock = new(time);
    private readonly ConcurrentBag<Clip> _pool = [];
    private Action<Clip>? _giveBack;
    private int? _epoch;
    private int _segment;
    private TimeSpan _delay;
    private long _placed;
    private long? _given;
    private PixelBlock? _seen;
    private bool _isAsleep;

    public TimeSpan ClockSkew => _clock.Skew;

    /// <summary>True while the stream's clock runs away from ours, by more than any clock does.</summary>
    public bool IsClockRunningAway => _clock.Drift != 0;

    /// <summary>Takes a look at a frame (it stays the caller's) and adds the clips that it completes.</summary>
    public Assembly Add(Frame frame, ICollection<Clip> clips)
    {
        if (frame.Size != size)
        {
            throw new ArgumentException($"a frame of {frame.Size}, expected {size}", nameof(frame));
        }

        var lostWindow = BeginEpoch(frame.Time.Epoch);
        _delay = _clock.Delay(frame.Time.Presentation, frame.Time.ArrivedAt);
        if (_clock.HasJumped)
        {
            _given = null;
        }

        var endsSleep = !frame.IsHeartbeat && (frame.EndsSleep || _isAsleep);
        if (frame.IsHeartbeat || endsSleep)
        {
            LeaveWindow();
            _isAsleep = frame.IsHeartbeat;
        }

        if (frame.IsHeartbeat)
        {
            return new(GridVerdict.Heartbeat, 0, lostWindow, _delay, Glance(frame));
        }

        if (frame.BeginsFormat)
        {
            _grid.Reset();
        }

        var step = _grid.Place(frame.Time.Presentation);
        switch (step.Verdict)
        {
            case GridVerdict.Duplicate:
                return new(step.Verdict, 0, lostWindow, _delay, FrameMarks.None);
            case GridVerdict.NewSegment:
                lostWindow |= BeginSegment(step.Index, endsSleep);
                break;
            default:
                Hold(step, clips);
                break;
        }

        var marks = Look(frame, isApart: endsSleep);
        Forget();
        _placed = step.Index;
        _ring.Add(new(step.Index, frame.Time.Presentation, frame.Time.ArrivedAt, IsHeld: false, step.Distance, marks), frame.Share());
        Emit(step.Index, clips);
        return new(step.Verdict, step.Held, lostWindow, _delay, marks);
    }

    /// <summary>Holds the last frame until a window is full and gives that out, due or not. Nothing without a frame.</summary>
    public void Pad(ICollection<Clip> clips)
    {
        if (_ring.IsEmpty)
        {
            return;
        }

        while (_ring.Count < window.Length)
        {
            Hold(_ring[0].Index + 1);
        }

        clips.Add(Assemble(_ring[0].Index));
    }

    public void Dispose()
    {
        Forget();
        _ring.Dispose();
    }

    private bool BeginEpoch(int epoch)
    {
        if (_epoch == epoch)
        {
            return false;
        }

        var lostWindow = !_ring.IsEmpty;
        (_epoch, _segment, _given, _isAsleep) = (epoch, -1, null, false);
        Forget();
        _ring.Clear();
        _grid.Reset();
        _clock.Reset();
        return lostWindow;
    }

    private bool BeginSegment(long index, bool endsSleep)
    {
        var lostWindow = !_ring.IsEmpty;
        _segment++;
        _given = endsSleep || index >= _placed ? _given : null; // a clock that was set back, and its times are others
        _ring.Clear();
        return lostWindow;
    }

    // The last frame alone is kept, to compare the next one with.
    private void LeaveWindow()
    {
        if (!_ring.IsEmpty)
        {
            Forget();
            _seen = _ring.ShareNewest();
            _ring.Clear();
        }

        _grid.Reset();
    }

    private void Forget()
    {
        _seen?.Dispose();
        _seen = null;
    }

    private FrameMarks Glance(Frame frame)
    {
        var marks = Look(frame, isApart: true);
        Forget();
        _seen = frame.Share();
        return marks;
    }

    private FrameMarks Look(Frame frame, bool isApart)
    {
        var before = _seen is { } seen ? seen.Span : _ring.Newest;
        return (frame.IsDamaged ? FrameMarks.Damaged : FrameMarks.None)
            | (inspector?.Look(frame.Pixels, before.IsEmpty ? before : before[..size.Bytes], frame.Time.Presentation, isApart)
                ?? FrameMarks.None);
    }

    private void Hold(in GridStep step, ICollection<Clip> clips)
    {
        for (var index = step.Index - step.Held; index < step.Index; index++)
        {
            Hold(index);
            Emit(index, clips);
        }
    }

    private void Hold(long index)
    {
        var marks = _ring[0].Marks & ~(FrameMarks.Duplicate | FrameMarks.Recurring | FrameMarks.Cut); // held, so neither sent again nor new

        // The slot's own time, not the held frame's: times within a clip only grow.
        _ring.Hold(new(index, index * window.Interval, _ring[0].ArrivedAt, IsHeld: true, TimeSpan.Zero, marks));
    }

    private void Emit(long index, ICollection<Clip> clips)
    {
        var first = index - window.Length + 1;
        if (_ring.Count == window.Length && window.IsDue(index) && !(first <= _given))
        {
            _given = first;
            clips.Add(Assemble(index));
        }
    }

    private Clip Assemble(long index)
    {
        ref readonly var oldest = ref _ring[window.Length - 1];
        ref readonly var newest = ref _ring[0];
        var times = new ClipTime(
            _epoch!.Value, _segment, index - window.Length + 1, oldest.Presentation, newest.Presentation,
            _delay, newest.ArrivedAt, time.GetTimestamp());
        var clip = _pool.TryTake(out var pooled) ? pooled : new Clip(stream, _giveBack ??= _pool.Add);
        clip.Fill(times, Quality(), size, _ring.Share(window.Length));
        return clip;
    }

    private ClipQuality Quality()
    {
        var (held, duplicates, frozen, dark, damaged, cuts) = (0, 0, 0, 0, 0, 0);
        var largest = TimeSpan.Zero;

        // A frame that turns out to be frozen was so from its first copy on.
        var isFrozen = Has(_ring[0], FrameMarks.Frozen);
        for (var back = 0; back < window.Length; back++)
        {
            ref readonly var frame = ref _ring[back];
            var isOldest = back == window.Length - 1;
            var isCopy = frame.IsHeld || Has(frame, FrameMarks.Duplicate | FrameMarks.Recurring);
            held += frame.IsHeld ? 1 : 0;
            duplicates += Count(frame, FrameMarks.Duplicate);
            frozen += isFrozen ? 1 : Count(frame, FrameMarks.Frozen);
            dark += Count(frame, FrameMarks.Dark);
            damaged += Count(frame, FrameMarks.Damaged);
            cuts += isOldest ? 0 : Count(frame, FrameMarks.Cut); // the clip begins with it: nothing is cut
            largest = !isOldest && frame.Distance > largest ? frame.Distance : largest;
            isFrozen &= isCopy;
        }

        return new(window.Length, held, largest) { Duplicates = duplicates, Frozen = frozen, Dark = dark, Damaged = damaged, Cuts = cuts };
    }

    private static bool Has(in SampledFrame frame, FrameMarks mark) => (frame.Marks & mark) != 0;

    private static int Count(in SampledFrame frame, FrameMarks mark) => Has(frame, mark) ? 1 : 0;
}
