using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest.Windowing;

/// <summary>What the grid makes of a frame.</summary>
public enum GridVerdict
{
    /// <summary>Its slot has a better frame, or waits for one: not used.</summary>
    Duplicate,

    /// <summary>It fills its slot, and the holes before it may be bridged.</summary>
    Next,

    /// <summary>It fills its slot, and nothing before it may share a clip with it.</summary>
    NewSegment,

    /// <summary>It is of a camera that sleeps: looked at, and in no slot.</summary>
    Heartbeat,
}

/// <param name="Index">Grid index of the slot it fills.</param>
/// <param name="Held">Empty slots just before it.</param>
/// <param name="Distance">Time since the frame that was sampled before it; zero at the start of a segment.</param>
internal readonly record struct GridStep(GridVerdict Verdict, long Index, int Held, TimeSpan Distance);

/// <summary>
/// Samples a stream by presentation time: which frame fills which slot of the grid i·D. Counting frames would lengthen time
/// at every loss.
/// </summary>
/// <remarks>
/// The rule is that of <see cref="Thinning"/>, and applied to thinned frames it changes nothing.
/// One frame decides at once, without waiting for the next.
/// </remarks>
internal sealed class TimeGrid(TimeSpan interval, TimeSpan maxGap)
{
    private const long Tolerance = (long)(Thinning.Tolerance * TimeSpan.TicksPerSecond);

    private readonly long _d = interval.Ticks;
    private long? _previous;
    private long _sampled;
    private long? _slot;

    public GridStep Place(TimeSpan presentation)
    {
        var t = presentation.Ticks;
        var isBackwards = t < _previous;
        if (isBackwards)
        {
            (_previous, _slot) = (null, null);
        }

        var distance = _previous is { } previous ? Math.Min(t - previous, _d) : _d;
        _previous = t;
        var slot = FloorDivide(t + Tolerance + _d / 2, _d);
        if (slot <= _slot || 2 * (t + Tolerance) + distance < 2 * slot * _d)
        {
            return new(GridVerdict.Duplicate, slot, 0, TimeSpan.Zero);
        }

        var (lastSlot, lastTime) = (_slot, _sampled);
        (_slot, _sampled) = (slot, t);
        return lastSlot is { } last && t - lastTime <= maxGap.Ticks
            ? new(GridVerdict.Next, slot, (int)(slot - last - 1), TimeSpan.FromTicks(t - lastTime))
            : new(GridVerdict.NewSegment, slot, 0, TimeSpan.Zero);
    }

    /// <summary>Forgets everything: the times of another connection mean nothing here.</summary>
    public void Reset() => (_previous, _slot) = (null, null);

    /// <summary>The last place in the stream that belongs to the slot of another.</summary>
    public static TimeSpan EndOfSlot(TimeSpan presentation, TimeSpan interval)
    {
        var d = interval.Ticks;
        var slot = FloorDivide(presentation.Ticks + Tolerance + d / 2, d);
        return TimeSpan.FromTicks(((slot + 1) * d) - (d / 2) - Tolerance - 1);
    }

    private static long FloorDivide(long number, long by) => number / by - (number % by < 0 ? 1 : 0);
}
