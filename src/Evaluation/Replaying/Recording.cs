using System.Globalization;
using ActionStream.Ingest.Windowing;

namespace ActionStream.Evaluation.Replaying;

/// <summary>What became of one recording.</summary>
/// <param name="Length">As long as its frames, thinned to the model's rate, were on the screen.</param>
/// <param name="Frames">Frames read, after thinning.</param>
/// <param name="Clips">Windows that went through the model.</param>
/// <param name="IsPadded">It was shorter than a window, and its last frame was held until one was full.</param>
/// <param name="Skipped">Windows that never reached the model, or got no answer, by reason.</param>
internal sealed record Recording(TimeSpan Length, long Frames, long Clips, bool IsPadded, IReadOnlyDictionary<string, long> Skipped)
{
    /// <summary>What it lacks, where no window went through the model; the recording's name goes before.</summary>
    public string WhyNoWindow(WindowSpec window)
    {
        var needed = string.Create(
            CultureInfo.InvariantCulture,
            $"a window needs {(window.Length * window.Interval).TotalSeconds:0.##} s: {window.Length} frames, one every "
            + $"{window.Interval.TotalMilliseconds:0.#} ms");
        return Frames == 1
            ? $"holds a single frame, as a still does; {needed}"
            : Length < window.Length * window.Interval
                ? string.Create(CultureInfo.InvariantCulture, $"is {Length.TotalSeconds:0.#} s long; {needed}")
                : $"has no window that is whole and fit for the model ({Reasons()}); {needed}";
    }

    private string Reasons() =>
        Skipped.Count == 0 ? "none was due" : string.Join(", ", Skipped.Select(entry => $"{entry.Value} {entry.Key}"));
}
