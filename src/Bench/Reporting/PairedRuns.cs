namespace ActionStream.Bench.Reporting;

/// <summary>What pairs of runs came to: each side's own statistics, and those of the ratios within a pair,
/// which a busy minute does not move.</summary>
internal sealed record Comparison(SummaryStatistics Floor, SummaryStatistics Ours, SummaryStatistics Ratio);

/// <summary>Runs a floor and ours in turns, so that whatever else the machine does meets both alike; each
/// goes first as often as the other.</summary>
internal static class PairedRuns
{
    /// <summary>Fewer are a trial, which no threshold judges.</summary>
    public const int Enough = 5;

    /// <param name="floor">One run of the floor; returns what is compared.</param>
    /// <param name="ours">One run of ours, in the same unit.</param>
    /// <param name="onPair">Gets each pair as it ends: its number from 1, floor, ours.</param>
    public static async Task<Comparison> RunAsync(
        int count, Func<Task<double>> floor, Func<Task<double>> ours, Action<int, double, double>? onPair = null)
    {
        var pairs = new List<(double Floor, double Ours)>();
        for (var i = 1; i <= count; i++)
        {
            var isFloorFirst = i % 2 == 1;
            var first = await (isFloorFirst ? floor : ours)();
            var second = await (isFloorFirst ? ours : floor)();
            var pair = isFloorFirst ? (Floor: first, Ours: second) : (Floor: second, Ours: first);
            pairs.Add(pair);
            onPair?.Invoke(i, pair.Floor, pair.Ours);
        }

        return new(
            SummaryStatistics.Of(pairs.Select(pair => pair.Floor)), SummaryStatistics.Of(pairs.Select(pair => pair.Ours)),
            SummaryStatistics.Of(pairs.Select(pair => pair.Ours / pair.Floor)));
    }
}
