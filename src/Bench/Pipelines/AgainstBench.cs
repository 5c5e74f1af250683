using ActionStream.Bench.Reporting;
using ActionStream.Host;
using ActionStream.Ingest.Ffmpeg;
using Microsoft.Extensions.Logging;

namespace ActionStream.Bench.Pipelines;

/// <summary>`bench pipeline --against`: how many cameras the service sustains beside a program that does the obvious.</summary>
internal static class AgainstBench
{
    private const double LeastAhead = 5;

    public static async Task<BenchReport> MeasureAsync(
        string program, int height, BenchModel model, BenchAsked asked, ILoggerFactory log, CancellationToken cancel)
    {
        if (!File.Exists(program))
        {
            throw new UsageException($"--against is {program}; there is no such program. Build the one that comes with this repository: dotnet build bench/peers/obvious -c Release");
        }

        var time = TimeSpan.FromSeconds(asked.Seconds);
        using var video = await BenchVideo.MakeAsync(FfmpegTool.Find(), time, cancel, height);
        var bench = new PeerBench(program, model, video.Path, time, log);
        var (peers, ours) = (2, 10); // where to begin looking; later pairs begin where the last one ended
        var result = await PairedRuns.RunAsync(
            asked.Pairs, async () => peers = await bench.PeerAsync(peers, cancel), async () => ours = await bench.OursAsync(ours, cancel),
            (number, floor, engine) => BenchAsked.Say($"pair {number} of {asked.Pairs}: {floor} cameras without the engine, {engine} with it"));
        var ratio = result.Ratio.Rounded(3);
        return new(
            "pipeline --against",
            $"Cameras ({height} lines, 25 pictures a second, H.264) that are sustained at {1 / (PipelineBench.Hop * model.Card.Input.Interval).TotalSeconds:0.#} decisions a second each (every camera gets 95 % of its decisions): "
            + "the service beside a program without the engine, same cores, same model, same ffmpeg, in turns.",
            asked.Command($"--against {program} --preset {asked.Preset} --height {height}"),
            new
            {
                Model = model.Card.Name,
                model.Card.Input.Frames,
                asked.Seconds,
                asked.Pairs,
                PeerCameras = result.Floor.Median,
                EngineCameras = result.Ours.Median,
                Ratio = ratio.Median,
                PeerSpread = result.Floor,
                EngineSpread = result.Ours,
                RatioSpread = ratio,
            },
            asked.Pairs < PairedRuns.Enough ? [] : [Threshold.AtLeast("ratio", ratio.Median, LeastAhead)]);
    }
}
