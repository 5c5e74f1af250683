namespace ActionStream.Host.Bench;

/// <summary>`bench pipeline --cameras 1,4,16,64`: what one camera costs as they become many.</summary>
internal static class GrowthBench
{
    private const double MostApart = 0.1;

    public static async Task<BenchReport> MeasureAsync(PipelineBench runner, BenchModel model, BenchAsked asked, CancellationToken cancel)
    {
        var input = model.Card.Input;
        var rounds = new List<Dictionary<int, double>>();
        var decisions = new Dictionary<int, double>();
        for (var i = 1; i <= asked.Pairs; i++)
        {
            var round = new Dictionary<int, double>();
            foreach (var cameras in asked.Cameras)
            {
                var figures = await runner.RunAsync(
                    new(cameras, input.Interval, PipelineBench.Hop, asked.Deadline), TimeSpan.FromSeconds(asked.Settle), TimeSpan.FromSeconds(asked.Seconds), cancel);
                round[cameras] = figures.CpuS / figures.Time.TotalSeconds / cameras;
                decisions[cameras] = Math.Round(figures.Decisions / figures.Time.TotalSeconds, 2);
            }

            rounds.Add(round);
            BenchAsked.Say($"round {i} of {asked.Pairs}: " + string.Join(", ", round.Select(pair => $"{pair.Key}: {pair.Value:p2}")));
        }

        var rows = asked.Cameras.Select(cameras =>
        {
            var spread = Spread.Of(rounds.Select(round => round[cameras])).Rounded(5);
            return new { Cameras = cameras, Cores = spread.Median, spread.Min, spread.Max, DecisionsPerS = decisions[cameras] };
        }).ToArray();
        var middle = (rows.Max(row => row.Cores) + rows.Min(row => row.Cores)) / 2;
        var within = Math.Round((rows.Max(row => row.Cores) - middle) / middle, 4);
        return new(
            "pipeline --cameras " + string.Join(",", asked.Cameras),
            $"What one camera costs this process, as part of a core, as cameras grow: {1 / input.Interval.TotalSeconds:0.#} pictures and {1 / (PipelineBench.Hop * input.Interval).TotalSeconds:0.#} decisions a second each, "
            + "prepared pictures, every decision published. All of the process counts, also what it would cost without a camera.",
            asked.Command("--cameras " + string.Join(",", asked.Cameras)),
            new { Model = model.Card.Name, asked.Seconds, asked.Pairs, Within = within, CpuPerCamera = rows },
            asked.Pairs < Pairs.Enough ? [] : [Threshold.AtMost("within", within, MostApart)]);
    }
}
