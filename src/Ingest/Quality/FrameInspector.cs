using ActionStream.Core.Media;

namespace ActionStream.Ingest.Quality;

/// <summary>Marks the frames of one stream that cannot be what the camera sees: the same one again and
/// again, black ones, sudden others.</summary>
/// <remarks>
/// Some microseconds a frame, and nothing is allocated. Frozen asks that for seconds no frame is new, to the last byte:
/// a sensor's noise always changes some, and an encoder that skips a quiet scene's every block does so no longer than until
/// its next key frame. A tolerance would call exactly those scenes frozen that are watched because nothing happens in them.
/// A frame that froze before the encoder flickers a little in every group of frames, and the groups are alike: it is
/// known by its frames coming back. Those of a recording in a loop do too, but they move.
/// Of a camera that sleeps only a key frame now and then is seen, and those of a still scene may well be equal: each counts for
/// one interval, however long the time was that nobody saw. So it takes as many equal frames asleep as awake.
/// </remarks>
/// <param name="interval">Time that one frame stands for where those before it were not decoded.</param>
public sealed class FrameInspector(FrameSize size, TimeSpan frozenAfter, TimeSpan interval = default)
{
    /// <summary>Almost black, and without the bright spots that a night has. With less contrast than <see cref="Flat"/> a
    /// lens is covered, however bright.</summary>
    private const double Black = 20;
    private const double Dull = 3;
    private const double Flat = 2;

    /// <summary>An eighth of the range, in one step, and far beyond the motion of the last frames.</summary>
    private const double CutChange = 32;
    private const double CutFactor = 5;
    private const double Follow = 0.25;

    /// <summary>What an encoder makes of a still frame from one key frame to the next, as measured (1 to 7).</summary>
    private const int Flicker = 8;

    private readonly SparseLuma _luma = new(size);
    private readonly RecentFrames _recent = new();
    private TimeSpan _sameSince;
    private TimeSpan _lookedAt;
    private double? _usualChange;

    /// <param name="pixels">The frame, [H, W, 3].</param>
    /// <param name="before">The sampled frame before it; empty if it is the first since a gap, and
    /// then nothing is said about change.</param>
    /// <param name="isApart">The camera sleeps or has just woken: what lies between the two was not decoded.</param>
    public FrameMarks Look(ReadOnlySpan<byte> pixels, ReadOnlySpan<byte> before, TimeSpan presentation, bool isApart = false)
    {
        var look = _luma.Look(pixels);
        if (isApart)
        {
            _sameSince += presentation - _lookedAt - interval; // back, too: waking begins before the last frame that was seen
        }

        _lookedAt = presentation;
        return (IsDark(look) ? FrameMarks.Dark : FrameMarks.None) | Compare(look, pixels, before, presentation, isApart);
    }

    private FrameMarks Compare(
        LumaLook look, ReadOnlySpan<byte> pixels, ReadOnlySpan<byte> before, TimeSpan presentation, bool isApart)
    {
        if (before.IsEmpty)
        {
            (_sameSince, _usualChange) = (presentation, null);
            _recent.Clear();
            _recent.Contains(_luma.Samples, pixels);
            return FrameMarks.None;
        }

        var isCut = !isApart && look.Difference >= CutChange && look.Difference >= CutFactor * _usualChange;
        if (!isApart)
        {
            _usualChange += Follow * (look.Difference - _usualChange);
            _usualChange ??= look.Difference;
        }

        // The few points first: only a frame that passes them is worth reading whole.
        var known = look.Difference == 0 && pixels.SequenceEqual(before) ? FrameMarks.Duplicate
            : _recent.Contains(_luma.Samples, pixels) && look.Most <= Flicker ? FrameMarks.Recurring
            : FrameMarks.None;
        if (known == FrameMarks.None)
        {
            _sameSince = presentation;
            return isCut ? FrameMarks.Cut : FrameMarks.None;
        }

        return frozenAfter > TimeSpan.Zero && presentation - _sameSince >= frozenAfter ? known | FrameMarks.Frozen : known;
    }

    private static bool IsDark(LumaLook look) => look is { Mean: < Black, Contrast: < Dull } or { Contrast: < Flat };
}
