using ActionStream.Core.Media;

namespace ActionStream.Ingest.Recording;

/// <summary>A piece of a stream in a file of its own, from one key picture to a later one.</summary>
/// <param name="Start">Presentation time of its first picture.</param>
/// <param name="End">Where the next one begins.</param>
/// <param name="Bytes">What it takes on disk.</param>
internal readonly record struct Segment(string File, TimeSpan Start, TimeSpan End, long Bytes = 0);

/// <summary>Which pieces of a connection a span needs, and how long they are needed. Pure.</summary>
internal static class SegmentList
{
    /// <summary>Of what was asked, this much may be missing at either end before a recording counts as
    /// partial: times are those of frames.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(100);

    /// <summary>The pieces that hold a part of the span, in order.</summary>
    public static IReadOnlyList<Segment> Choose(IEnumerable<Segment> segments, TimeSpan from, TimeSpan to) =>
        [.. segments.Where(segment => segment.End > from && segment.Start < to)];

    /// <summary>How much of a span these pieces hold.</summary>
    public static RecordingResult Covers(IReadOnlyList<Segment> chosen, TimeSpan from, TimeSpan to)
    {
        if (chosen.Count == 0)
        {
            return RecordingResult.Missing;
        }

        var isWhole = chosen[0].Start <= from + Tolerance && chosen[^1].End >= to - Tolerance
            && chosen.Zip(chosen.Skip(1)).All(pair => pair.Second.Start <= pair.First.End + Tolerance);
        return isWhole ? RecordingResult.Whole : RecordingResult.Partial;
    }

    /// <summary>How many of the oldest pieces are older than what is kept.</summary>
    public static int Outdated(IReadOnlyList<Segment> segments, TimeSpan keep) =>
        segments.TakeWhile(segment => segment.End < segments[^1].End - keep).Count();
}
