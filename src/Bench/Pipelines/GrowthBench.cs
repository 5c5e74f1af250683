using ActionStream.Bench.Engine;
using ActionStream.Bench.Reporting;

namespace ActionStream.Bench.Pipelines;

/// <summary>`bench pipeline --cameras 1,4,16,64`: what one camera adds as they become many.</summary>
internal static class GrowthBench
{
    private const double MostApart = 0.1;

    public static async Task<BenchReport> MeasureAsync(PipelineBench runner, BenchModel model, BenchOptions asked, CancellationToken cancel)
    {
        var input = model.Card.Input;
        var rounds = new List<Dictionary<int, Cost>>();
        // not counted: until it has run a while, the runtime goes on compiling, and the few would pay for it
        await RunAsync(asked.Cameras.Max());
        for (var i = 1; i <= asked.Pairs; i++)
        {
            var round = new Dictionary<int, Cost>();
            foreach (var cameras in asked.Cameras.Prepend(0))
            {
                var figures = await RunAsync(cameras);
                round[cameras] = new(
                    figures.CpuS / figures.Time.TotalSeconds, figures.Decisions / figures.Time.TotalSeconds, figures.Model.P50);
            }

            rounds.Add(round);
            BenchLog.Write($"round {i} of {asked.Pairs}: none {round[0].Cores:p2}, "
                + string.Join(", ", asked.Cameras.Select(cameras => $"{cameras}: {CoresOf(round, cameras):p2}")));
        }

        var rows = asked.Cameras.Select(cameras =>
        {
            var cores = SummaryStatistics.Of(rounds.Select(round => CoresOf(round, cameras))).Rounded(5);
            var model = SummaryStatistics.Of(
                rounds.Select(round => round[cameras].ModelMs * round[cameras].DecisionsPerS / cameras / 1000));
            return new
            {
                Cameras = cameras,
                Cores = cores.Median,
                cores.Min,
                cores.Max,
                ModelCores = Math.Round(model.Median, 5),
                DecisionsPerS = Math.Round(SummaryStatistics.Of(rounds.Select(round => round[cameras].DecisionsPerS)).Median, 2),
            };
        }).ToArray();
        var middle = (rows.Max(row => row.Cores) + rows.Min(row => row.Cores)) / 2;
        var within = Math.Round((rows.Max(row => row.Cores) - middle) / middle, 4);
        return new(
            "pipeline --cameras " + string.Join(",", asked.Cameras),
            $"What one camera adds to this process, as part of a core, as cameras grow: {1 / input.Interval.TotalSeconds:0.#} frames and "
            + $"{1 / (EngineRig.Hop * input.Interval).TotalSeconds:0.#} decisions a second each, "
            + "prepared frames, every decision published. What the process takes without a camera (idle_cores, measured in every round) "
            + "is taken off first; model_cores is what the model's runs take of it.",
            asked.Command("--cameras " + string.Join(",", asked.Cameras)),
            new
            {
                Model = model.Card.Name,
                asked.Seconds,
                asked.Pairs,
                IdleCores = Math.Round(SummaryStatistics.Of(rounds.Select(round => round[0].Cores)).Median, 5),
                Within = within,
                CpuPerCamera = rows,
            },
            asked.Pairs < PairedRuns.Enough ? [] : [Threshold.AtMost("within", within, MostApart)]);

        Task<PipelineFigures> RunAsync(int cameras) => runner.RunAsync(
            new(cameras, input.Interval, EngineRig.Hop, asked.Deadline), TimeSpan.FromSeconds(asked.Settle),
            TimeSpan.FromSeconds(asked.Seconds), cancel);
    }

    private static double CoresOf(Dictionary<int, Cost> round, int cameras) => (round[cameras].Cores - round[0].Cores) / cameras;

    private readonly record struct Cost(double Cores, double DecisionsPerS, double ModelMs);
}
