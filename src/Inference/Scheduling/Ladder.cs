namespace ActionStream.Inference.Scheduling;

/// <summary>How cameras give way, step by step, when there is more work than the machine can do: hops are stretched, the least important first; then only the key cameras are left.</summary>
/// <remarks>
/// Stretching a hop never shortens a window: decisions come less often and are as good as ever. The most important
/// cameras there are stretch but never stop, so one that has only cameras of one priority pauses none.
/// </remarks>
public static class Ladder
{
    // Per rung the stretch for low, normal and high; 0 pauses.
    private static readonly int[][] Rungs =
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

    /// <summary>The rungs that make a difference to these cameras, each as the stretch by priority; the first leaves everything as it is.</summary>
    public static IReadOnlyList<IReadOnlyDictionary<Priority, int>> For(IReadOnlyCollection<Priority> present)
    {
        var rungs = new List<IReadOnlyDictionary<Priority, int>>();
        if (present.Count == 0)
        {
            return rungs;
        }

        var top = present.Max();
        var stretchSoFar = 1;
        foreach (var rung in Rungs)
        {
            stretchSoFar = Math.Max(stretchSoFar, rung[(int)top]);
            var stretches = present.Distinct().ToDictionary(
                priority => priority, priority => priority == top && rung[(int)priority] == 0 ? stretchSoFar : rung[(int)priority]);
            if (rungs.Count == 0 || stretches.Any(pair => rungs[^1][pair.Key] != pair.Value))
            {
                rungs.Add(stretches);
            }
        }

        return rungs;
    }
}
