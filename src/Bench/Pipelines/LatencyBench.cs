using ActionStream.Bench.Reporting;

namespace ActionStream.Bench.Pipelines;

/// <summary>`bench pipeline`: what the whole service adds to the time in the model, at a share of its capacity that leaves room.</summary>
internal static class LatencyBench
{
    private const double Share = 0.7;
    private const double MostOverheadMs = 10;
    private const double MostAllocated = 256;

    public static async Task<BenchReport> MeasureAsync(PipelineBench runner, BenchModel model, BenchOptions asked, CancellationToken cancel)
    {
        var runs = new List<(PipelineBench.Capacity Capacity, PipelineFigures Figures)>();
        for (var i = 1; i <= asked.Pairs; i++)
        {
            var capacity = await runner.MeasureCapacityAsync(cancel);
            var load = PipelineBench.LoadOf(capacity, Share, asked.Cameras[0], asked.Deadline);
            var figures = await runner.RunAsync(load, TimeSpan.FromSeconds(asked.Settle), TimeSpan.FromSeconds(asked.Seconds), cancel);
            runs.Add((capacity, figures));
            BenchLog.Write(
                $"run {i} of {asked.Pairs}: capacity {capacity.PerSecond:0.0}/s, {figures.Decisions} of {load.Asked * asked.Seconds:0} "
                + $"decisions, overhead p50 {figures.Overhead.P50} p99 {figures.Overhead.P99} ms (queue {figures.Queue.P50}, "
                + $"{figures.Queue.P99}; model {figures.Model.P50}, {figures.Model.P95}, {figures.Model.P99}), "
                + $"{figures.AllocatedBytes / figures.Frames:0} bytes/frame, gen 2 {figures.Gen2}, "
                + $"dropped {string.Join(" ", figures.Dropped)}");
        }

        var overhead = StatisticsOf(run => run.Overhead.P99);
        var allocated = StatisticsOf(run => run.AllocatedBytes / Math.Max(1, run.Frames));
        var gen2 = Math.Round(runs.Sum(run => run.Figures.Gen2) / runs.Sum(run => run.Figures.Time.TotalMinutes), 2);
        return new(
            "pipeline",
            $"{asked.Cameras[0]} cameras without decoders, evenly spread, that ask for {Share:p0} of what the engine alone can do; "
            + "from a frame's arrival until a subscriber in another process has the scores, less the time in the model.",
            asked.Command($"--cameras {asked.Cameras[0]}"),
            new
            {
                Model = model.Card.Name,
                Cameras = asked.Cameras[0],
                asked.Seconds,
                asked.Pairs,
                CapacityPerS = Math.Round(SummaryStatistics.Of(runs.Select(run => run.Capacity.PerSecond)).Median, 2),
                LatencyMs = new
                {
                    P50 = StatisticsOf(run => run.Age.P50).Median,
                    P95 = StatisticsOf(run => run.Age.P95).Median,
                    P99 = StatisticsOf(run => run.Age.P99).Median,
                },
                ModelMs = StatisticsOf(run => run.Model.P50).Median,
                QueueP50Ms = StatisticsOf(run => run.Queue.P50).Median,
                QueueP99Ms = StatisticsOf(run => run.Queue.P99).Median,
                OverheadP50Ms = StatisticsOf(run => run.Overhead.P50).Median,
                OverheadP99Ms = overhead.Median,
                AllocBytesPerFrame = allocated.Median,
                Gen2PerMin = gen2,
                Dropped = runs.SelectMany(run => run.Figures.Dropped).GroupBy(pair => pair.Key)
                    .ToDictionary(group => group.Key, group => group.Sum(pair => pair.Value)),
                OverheadP99Statistics = overhead,
                AllocStatistics = allocated,
            },
            asked.Pairs < PairedRuns.Enough
                ? []
                : [
                    Threshold.AtMost("overhead_p99_ms", overhead.Median, MostOverheadMs),
                    Threshold.AtMost("alloc_bytes_per_frame", allocated.Median, MostAllocated), Threshold.AtMost("gen2_per_min", gen2, 0)]);

        SummaryStatistics StatisticsOf(Func<PipelineFigures, double> figure) =>
            SummaryStatistics.Of(runs.Select(run => figure(run.Figures))).Rounded(2);
    }
}
