using System.Globalization;
using ActionStream.Bench.Reporting;

namespace ActionStream.Bench.Pipelines;

/// <summary>`bench pipeline --overload`: what still comes out, how old and how fairly shared, when far more
/// is asked for than can be done.</summary>
internal static class OverloadBench
{
    private const double LeastWork = 0.95;
    private const double LeastFairness = 0.9;

    public static async Task<BenchReport> MeasureAsync(
        PipelineBench runner, BenchModel model, BenchOptions asked, double times, CancellationToken cancel)
    {
        var cameras = (int)Math.Round(asked.Cameras[0] * times);
        var runs = new List<(double Work, PipelineFigures Figures)>();
        for (var i = 1; i <= asked.Pairs; i++)
        {
            var capacity = await runner.MeasureCapacityAsync(cancel);
            var load = PipelineBench.LoadOf(capacity, times, cameras, asked.Deadline);
            var figures = await runner.RunAsync(
                load, 4 * TimeSpan.FromSeconds(asked.Settle), 2 * TimeSpan.FromSeconds(asked.Seconds), cancel);
            var work = capacity.Of(figures.Windows, figures.Tubelets) / figures.Time;
            var most = capacity.PerSecond * capacity.Of(1, 1).TotalSeconds;
            runs.Add((work / most, figures));
            BenchLog.Write(
                $"run {i} of {asked.Pairs}: capacity {capacity.PerSecond:0.0}/s, work {work / most:0.000} of it, "
                + $"delivered {figures.Decisions} at age p99 {figures.Age.P99} ms, "
                + $"fairness {figures.Fairness(cameras):0.000}, RSS {figures.RssStartMib:0} to {figures.RssEndMib:0} MiB, "
                + $"dropped {string.Join(" ", figures.Dropped)}");
        }

        var ratio = SummaryStatistics.Of(runs.Select(run => run.Work)).Rounded(4);
        var fairness = SummaryStatistics.Of(runs.Select(run => run.Figures.Fairness(cameras))).Rounded(4);
        var age = SummaryStatistics.Of(runs.Select(run => run.Figures.Age.P99)).Rounded(1);
        var growth = SummaryStatistics.Of(
            runs.Select(run => (run.Figures.RssEndMib - run.Figures.RssStartMib) / run.Figures.Time.TotalMinutes)).Rounded(2);
        return new(
            "pipeline --overload",
            $"{cameras} cameras without decoders that together ask for {times} times what the engine alone can do. "
            + "Work is the time that tubelets and heads take one worker alone; "
            + "the floor is the same engine with nothing before it and nothing behind it.",
            asked.Command(string.Create(CultureInfo.InvariantCulture, $"--cameras {asked.Cameras[0]} --overload {times}")),
            new
            {
                Model = model.Card.Name,
                Cameras = cameras,
                Overload = times,
                asked.Seconds,
                asked.Pairs,
                DeadlineMs = asked.Deadline.TotalMilliseconds,
                DeliveredAgeP99Ms = age.Median,
                WorkRatio = ratio.Median,
                Fairness = fairness.Median,
                DecisionsPerS = Math.Round(
                    SummaryStatistics.Of(runs.Select(run => run.Figures.Decisions / run.Figures.Time.TotalSeconds)).Median, 2),
                RssMib = Math.Round(SummaryStatistics.Of(runs.Select(run => run.Figures.RssEndMib)).Median, 1),
                RssMibPerMin = growth.Median,
                Dropped = runs[^1].Figures.Dropped,
                WorkRatioStatistics = ratio,
                FairnessStatistics = fairness,
                AgeP99Statistics = age,
                RssMibPerMinStatistics = growth,
            },
            asked.Pairs < PairedRuns.Enough
                ? []
                :
                [
                    Threshold.AtMost("delivered_age_p99_ms", age.Median, asked.Deadline.TotalMilliseconds),
                    Threshold.AtLeast("work_ratio", ratio.Median, LeastWork), Threshold.AtLeast("fairness", fairness.Median, LeastFairness),
                ]);
    }
}
