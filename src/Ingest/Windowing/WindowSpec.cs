namespace ActionStream.Ingest.Windowing;

/// <summary>Which frames make a clip, and how often one is made.</summary>
/// <param name="Length">Frames per clip, T.</param>
/// <param name="Interval">Time between two sampled frames, D: the grid is i·D of the stream's own time.</param>
/// <param name="Hop">Sampled frames from one clip to the next.</param>
public sealed record WindowSpec(int Length, TimeSpan Interval, int Hop)
{
    /// <summary>Longest distance between two frames that a clip may bridge.</summary>
    public TimeSpan MaxGap { get; init; } = 3 * Interval;

    /// <summary>True if a clip ends at this grid index, were all its frames there. On the absolute grid, so that
    /// every run makes the same clips.</summary>
    public bool IsDue(long index) => Remainder(index - (Length - 1), Hop) == 0;

    private static long Remainder(long number, long by) => (number % by + by) % by;
}
