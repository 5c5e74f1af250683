namespace ActionStream.Inference.Scheduling;

/// <summary>
/// How load is shed, step by step, when there is more work than the machine can do: hops are lengthened, the least
/// important cameras' first; then only the key cameras are left.
/// </summary>
/// <remarks>
/// A longer hop never shortens a window: decisions come less often and are as good as ever. The hops of the most
/// important cameras there are grow but never end, so that where all have one priority none is paused.
/// </remarks>
internal static class DegradationLevels
{
    // Per degradation level the hop multiplier for low, normal and high; 0 pauses.
    private static readonly int[][] Levels =
    [
        [1, 1, 1],
        [2, 1, 1],
        [4, 1, 1],
        [4, 2, 1],
        [8, 2, 1],
        [8, 4, 1],
        [8, 4, 2],
        [0, 4, 2],
        [0, 8, 2],
        [0, 8, 4],
        [0, 0, 4],
        [0, 0, 8],
    ];

    /// <summary>
    /// The levels that make a difference to these cameras, each as the hop multiplier by priority; the first leaves
    /// everything as it is.
    /// </summary>
    public static IReadOnlyList<IReadOnlyDictionary<Priority, int>> For(IReadOnlyCollection<Priority> present)
    {
        var levels = new List<IReadOnlyDictionary<Priority, int>>();
        if (present.Count == 0)
        {
            return levels;
        }

        var top = present.Max();
        var hopMultiplierSoFar = 1;
        foreach (var level in Levels)
        {
            hopMultiplierSoFar = Math.Max(hopMultiplierSoFar, level[(int)top]);
            var hopMultipliers = present.Distinct().ToDictionary(
                priority => priority, priority => priority == top && level[(int)priority] == 0 ? hopMultiplierSoFar : level[(int)priority]);
            if (levels.Count == 0 || hopMultipliers.Any(pair => levels[^1][pair.Key] != pair.Value))
            {
                levels.Add(hopMultipliers);
            }
        }

        return levels;
    }
}
