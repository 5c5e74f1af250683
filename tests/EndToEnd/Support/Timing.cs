using System.Globalization;

namespace ActionStream.EndToEnd.Support;

/// <summary>Milliseconds of several runs. The median is what counts: others may be using the machine.</summary>
internal sealed record Timing(IReadOnlyList<double> Runs)
{
    public double Median { get; } = MedianOf(Runs);

    public static Timing Of(Action work, int runs)
    {
        work(); // first runs allocate
        return new([.. Enumerable.Range(0, runs).Select(_ => Milliseconds(work))]);
    }

    /// <summary>In turns, so that a busy minute of the machine meets both alike, and each as often before as after the other; with
    /// the median of the turns' ratios.</summary>
    public static (Timing First, Timing Second, double Ratio) OfPairs(Action first, Action second, int pairs)
    {
        first();
        second();
        var turns = new List<(double First, double Second)>();
        for (var i = 0; i < pairs; i++)
        {
            var before = Milliseconds(i % 2 == 0 ? first : second);
            var after = Milliseconds(i % 2 == 0 ? second : first);
            turns.Add(i % 2 == 0 ? (before, after) : (after, before));
        }

        return (
            new([.. turns.Select(turn => turn.First)]), new([.. turns.Select(turn => turn.Second)]),
            MedianOf([.. turns.Select(turn => turn.First / turn.Second)]));
    }

    public static double Milliseconds(Action work)
    {
        var start = TimeProvider.System.GetTimestamp();
        work();
        return TimeProvider.System.GetElapsedTime(start).TotalMilliseconds;
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Median:0.0} ms ({Runs.Min():0.0}..{Runs.Max():0.0}, {Runs.Count} runs)");

    private static double MedianOf(IReadOnlyList<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}
