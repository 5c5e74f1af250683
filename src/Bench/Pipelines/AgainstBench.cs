using ActionStream.Bench.Engine;
using ActionStream.Bench.Reporting;
using ActionStream.Host;
using ActionStream.Ingest.Ffmpeg;
using Microsoft.Extensions.Logging;

namespace ActionStream.Bench.Pipelines;

/// <summary>`bench pipeline --against`: how many cameras the service sustains beside a script that one
/// would write without this engine.</summary>
internal static class AgainstBench
{
    private const double LeastAhead = 5;

    public static async Task<BenchReport> MeasureAsync(
        string program, int height, BenchModel model, BenchOptions asked, ILoggerFactory log, CancellationToken cancel)
    {
        if (!File.Exists(program))
        {
            throw new UsageException(
                $"--against is {program}; there is no such program. Build the one that comes with this repository: "
                + "dotnet build bench/Baseline -c Release");
        }

        var time = TimeSpan.FromSeconds(asked.Seconds);
        using var video = await BenchVideo.MakeAsync(FfmpegTool.Find(), time, cancel, height);
        var bench = new BaselineBench(program, model, video.Path, time, log);
        var (baselines, ours) = (2, 10); // where to begin looking; later pairs begin where the last one ended
        var result = await PairedRuns.RunAsync(
            asked.Pairs, async () => baselines = await bench.BaselineAsync(baselines, cancel),
            async () => ours = await bench.OursAsync(ours, cancel),
            (number, floor, engine) =>
                BenchLog.Write($"pair {number} of {asked.Pairs}: {floor} cameras without the engine, {engine} with it"));
        var ratio = result.Ratio.Rounded(3);
        return new(
            "pipeline --against",
            $"Cameras ({height} lines, 25 frames a second, H.264) "
            + $"that are sustained at {1 / (EngineRig.Hop * model.Card.Input.Interval).TotalSeconds:0.#} decisions a second each (every "
            + "camera gets 95 % of its decisions): "
            + "the service beside a program without the engine, same cores, same model, same ffmpeg, in turns.",
            asked.Command($"--against {program} --preset {asked.Preset} --height {height}"),
            new
            {
                Model = model.Card.Name,
                model.Card.Input.Frames,
                asked.Seconds,
                asked.Pairs,
                BaselineCameras = result.Floor.Median,
                EngineCameras = result.Ours.Median,
                Ratio = ratio.Median,
                BaselineStatistics = result.Floor,
                EngineStatistics = result.Ours,
                RatioStatistics = ratio,
            },
            asked.Pairs < PairedRuns.Enough ? [] : [Threshold.AtLeast("ratio", ratio.Median, LeastAhead)]);
    }
}
