using ActionStream.Core.Media;

namespace ActionStream.Ingest.Quality;

/// <summary>Marks the pictures of one stream that cannot be what the camera sees: the same one again and again, black ones, sudden others.</summary>
/// <remarks>
/// Some microseconds a picture, and nothing is allocated. Frozen asks that for seconds no picture is new, to the last byte:
/// a sensor's noise always changes some, and an encoder that skips a quiet scene's every block does so no longer than until
/// its next key frame. A tolerance would call exactly those scenes frozen that are watched because nothing happens in them.
/// A picture that froze before the encoder flickers a little in every group of pictures, and the groups are alike: it is
/// known by its pictures coming back. Those of a film in a loop do too, but they move.
/// </remarks>
public sealed class PictureInspector(FrameSize size, TimeSpan frozenAfter)
{
    /// <summary>Almost black, and without the bright spots that a night has. With less contrast than <see cref="Flat"/> a lens is covered, however bright.</summary>
    private const double Black = 20;
    private const double Dull = 3;
    private const double Flat = 2;

    /// <summary>An eighth of the range, in one step, and far beyond the motion of the last pictures.</summary>
    private const double CutChange = 32;
    private const double CutFactor = 5;
    private const double Follow = 0.25;

    /// <summary>What an encoder makes of a still picture from one key frame to the next, as measured (1 to 7).</summary>
    private const int Flicker = 8;

    private readonly SparseLuma _luma = new(size);
    private readonly RecentPictures _recent = new();
    private TimeSpan _sameSince;
    private double? _usualChange;

    /// <param name="pixels">The picture, [H, W, 3].</param>
    /// <param name="before">The sampled picture before it; empty if it is the first since a gap, and then nothing is said about change.</param>
    public PictureMarks Look(ReadOnlySpan<byte> pixels, ReadOnlySpan<byte> before, TimeSpan presentation)
    {
        var look = _luma.Look(pixels);
        return (IsDark(look) ? PictureMarks.Dark : PictureMarks.None) | Compare(look, pixels, before, presentation);
    }

    private PictureMarks Compare(LumaLook look, ReadOnlySpan<byte> pixels, ReadOnlySpan<byte> before, TimeSpan presentation)
    {
        if (before.IsEmpty)
        {
            (_sameSince, _usualChange) = (presentation, null);
            _recent.Clear();
            _recent.Contains(_luma.Samples, pixels);
            return PictureMarks.None;
        }

        var isCut = look.Difference >= CutChange && look.Difference >= CutFactor * _usualChange;
        _usualChange += Follow * (look.Difference - _usualChange);
        _usualChange ??= look.Difference;

        // The few points first: only a picture that passes them is worth reading whole.
        var known = look.Difference == 0 && pixels.SequenceEqual(before) ? PictureMarks.Duplicate
            : _recent.Contains(_luma.Samples, pixels) && look.Most <= Flicker ? PictureMarks.Recurring
            : PictureMarks.None;
        if (known == PictureMarks.None)
        {
            _sameSince = presentation;
            return isCut ? PictureMarks.Cut : PictureMarks.None;
        }

        return frozenAfter > TimeSpan.Zero && presentation - _sameSince >= frozenAfter ? known | PictureMarks.Frozen : known;
    }

    private static bool IsDark(LumaLook look) => look is { Mean: < Black, Spread: < Dull } or { Spread: < Flat };
}
