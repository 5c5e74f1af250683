using ActionStream.Core.Media;

namespace ActionStream.Ingest.Windowing;

/// <summary>What became of one frame.</summary>
/// <param name="LostWindow">A window had begun to fill and will never be whole. Counted once per gap, however long.</param>
/// <param name="Delay">How much later than its own time the frame arrived.</param>
public readonly record struct Assembly(GridVerdict Verdict, int Held, bool LostWindow, TimeSpan Delay);

/// <summary>Collects the frames of one stream on its grid and gives out a clip whenever one is due. No clip spans a gap or a connection.</summary>
/// <remarks>
/// An empty slot shows only when the next frame comes; then the frame before it is held, as long as the two are no
/// further apart than <see cref="WindowSpec.MaxGap"/>. So one frame may complete several clips.
/// </remarks>
public sealed class ClipAssembler(string stream, WindowSpec window, FrameSize size, TimeProvider time) : IDisposable
{
    private readonly TimeGrid _grid = new(window.Interval, window.MaxGap);
    private readonly FrameRing _ring = new(window.Length);
    private readonly StreamClock _clock = new(time);
    private int? _epoch;
    private int _segment;
    private TimeSpan _delay;

    public TimeSpan ClockSkew => _clock.Skew;

    /// <summary>Takes a look at a frame (it stays the caller's) and adds the clips that it completes.</summary>
    public Assembly Add(Frame frame, ICollection<Clip> clips)
    {
        if (frame.Size != size)
        {
            throw new ArgumentException($"a frame of {frame.Size}, expected {size}", nameof(frame));
        }

        var lostWindow = BeginEpoch(frame.Time.Epoch);
        _delay = _clock.Delay(frame.Time.Presentation, frame.Time.ArrivedAt);
        var step = _grid.Place(frame.Time.Presentation);
        switch (step.Verdict)
        {
            case GridVerdict.Duplicate:
                return new(step.Verdict, 0, lostWindow, _delay);
            case GridVerdict.NewSegment:
                lostWindow |= BeginSegment();
                break;
            default:
                Hold(step, clips);
                break;
        }

        _ring.Add(new(step.Index, frame.Time.Presentation, frame.Time.ArrivedAt, IsHeld: false, step.Distance), frame.Share());
        Emit(step.Index, clips);
        return new(step.Verdict, step.Held, lostWindow, _delay);
    }

    public void Dispose() => _ring.Dispose();

    private bool BeginEpoch(int epoch)
    {
        if (_epoch == epoch)
        {
            return false;
        }

        var lostWindow = !_ring.IsEmpty;
        (_epoch, _segment) = (epoch, -1);
        _ring.Clear();
        _grid.Reset();
        _clock.Reset();
        return lostWindow;
    }

    private bool BeginSegment()
    {
        var lostWindow = !_ring.IsEmpty;
        _segment++;
        _ring.Clear();
        return lostWindow;
    }

    private void Hold(in GridStep step, ICollection<Clip> clips)
    {
        var arrivedAt = _ring[0].ArrivedAt;
        for (var index = step.Index - step.Held; index < step.Index; index++)
        {
            // The slot's own time, not the held frame's: times within a clip only grow.
            _ring.Hold(new(index, index * window.Interval, arrivedAt, IsHeld: true, TimeSpan.Zero));
            Emit(index, clips);
        }
    }

    private void Emit(long index, ICollection<Clip> clips)
    {
        if (_ring.Count == window.Length && window.IsDue(index))
        {
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
        return new(stream, times, Quality(), size, _ring.Share(window.Length));
    }

    private ClipQuality Quality()
    {
        var held = 0;
        var largest = TimeSpan.Zero;
        for (var back = 0; back < window.Length; back++)
        {
            ref readonly var frame = ref _ring[back];
            held += frame.IsHeld ? 1 : 0;
            largest = back < window.Length - 1 && frame.Distance > largest ? frame.Distance : largest;
        }

        return new(window.Length, held, largest);
    }
}
