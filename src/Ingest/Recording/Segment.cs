using System.Globalization;
using ActionStream.Core.Media;

namespace ActionStream.Ingest.Recording;

/// <summary>A piece of a stream in a file of its own, from one key frame to a later one.</summary>
/// <param name="Start">Presentation time of its first frame.</param>
/// <param name="End">Where the next one begins.</param>
internal readonly record struct Segment(string File, TimeSpan Start, TimeSpan End);

/// <summary>Which pieces of a connection there are, and which of them a span needs. Pure.</summary>
internal static class SegmentList
{
    /// <summary>Of what was asked, this much may be missing at either end before a recording counts as
    /// partial: times are those of frames.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(100);

    /// <summary>Reads ffmpeg's list: a line "file,start,end" for each piece, in seconds; others are left out.</summary>
    /// <param name="first">When the connection's first frame came: the list says 0 of the first piece's start, whatever it was.</param>
    public static IReadOnlyList<Segment> Read(string csv, TimeSpan first)
    {
        var segments = new List<Segment>();
        foreach (var line in csv.Split('\n'))
        {
            if (line.TrimEnd().Split(',') is [var file, var start, var end] && Seconds(start) is { } from
                && Seconds(end) is { } to && from <= to)
            {
                segments.Add(new(file, from == TimeSpan.Zero && first < to ? first : from, to));
            }
        }

        return segments;
    }

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

    private static TimeSpan? Seconds(string text) =>
        double.TryParse(text, CultureInfo.InvariantCulture, out var seconds) && seconds is > -1e9 and < 1e9
            ? TimeSpan.FromSeconds(seconds)
            : null;
}
