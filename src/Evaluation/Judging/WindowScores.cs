namespace ActionStream.Evaluation.Judging;

/// <summary>What the model said about one window of a recording.</summary>
/// <param name="Centre">Seconds of the recording, halfway between its first and last frame.</param>
/// <param name="Values">[K], before smoothing.</param>
internal sealed record WindowScores(double Centre, float[] Values);

/// <summary>Which windows speak for a clip, and what they say together. Pure.</summary>
internal static class ClipRule
{
    /// <summary>The windows whose centre lies in one of the segments; if there is none, the one nearest to them;
    /// all where there are no segments.</summary>
    /// <param name="windows">At least one.</param>
    public static IReadOnlyList<WindowScores> Choose(IReadOnlyList<WindowScores> windows, IReadOnlyList<Segment> segments)
    {
        if (segments.Count == 0)
        {
            return windows;
        }

        WindowScores[] inside = [.. windows.Where(window => segments.Any(segment => Distance(window, segment) == 0))];
        return inside.Length > 0 ? inside : [windows.MinBy(window => segments.Min(segment => Distance(window, segment)))!];
    }

    /// <summary>The mean of their scores, [K].</summary>
    public static double[] Mean(IReadOnlyList<WindowScores> windows)
    {
        var mean = new double[windows[0].Values.Length];
        foreach (var window in windows)
        {
            for (var i = 0; i < mean.Length; i++)
            {
                mean[i] += (double)window.Values[i] / windows.Count;
            }
        }

        return mean;
    }

    // The end is not part of a segment, so that a window lies in one of two neighbours.
    private static double Distance(WindowScores window, Segment segment) =>
        window.Centre < segment.Start ? segment.Start - window.Centre
        : window.Centre < segment.End ? 0
        : Math.Max(window.Centre - segment.End, double.Epsilon);
}
