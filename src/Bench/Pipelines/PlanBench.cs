using ActionStream.Bench.Reporting;
using ActionStream.Ingest.Ffmpeg;
using Microsoft.Extensions.Logging;

namespace ActionStream.Bench.Pipelines;

/// <summary>`bench pipeline --plan`: how many cameras this machine carries.</summary>
internal static class PlanBench
{
    public static async Task<BenchReport> MeasureAsync(
        PipelineBench runner, BenchModel model, BenchOptions asked, ILoggerFactory log, CancellationToken cancel)
    {
        var ffmpeg = FfmpegTool.Find();
        var time = TimeSpan.FromSeconds(asked.Seconds);
        using var video = await BenchVideo.MakeAsync(ffmpeg, time, cancel);
        const int Cameras = 2;
        var run = await new IngestBench(ffmpeg, video, Cameras, time, log).OursAsync(cancel);
        var ingest = Math.Round(run.Seconds / asked.Seconds / Cameras, 4);
        return new(
            "pipeline --plan",
            $"How many cameras fit into {Environment.ProcessorCount} cores at each hop, with 15 % left for bursts: "
            + "what a decision takes the model, and what decoding takes, measured just now.",
            asked.Command("--plan"),
            new { Model = model.Card.Name, IngestCoresPerCamera = ingest, Video = BenchVideo.Description, Plan = runner.Plan(ingest) });
    }
}
