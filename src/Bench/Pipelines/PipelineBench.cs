using ActionStream.Bench.Engine;
using ActionStream.Inference.Batching;
using ActionStream.Inference.Configuration;
using ActionStream.Inference.Scheduling;
using ActionStream.Inference.Scoring;
using Microsoft.Extensions.Logging;

namespace ActionStream.Bench.Pipelines;

/// <summary>The whole service beside what the engine alone can do on the same cores.</summary>
internal sealed class PipelineBench(BenchModel model, ILoggerFactory log)
{
    private static readonly int[] Hops = [1, 2, 4, 8, 16];

    private static readonly TimeSpan CapacityTime = TimeSpan.FromSeconds(5);

    /// <summary>What the engine alone does, and what a decision costs it.</summary>
    /// <param name="PerSecond">Decisions of windows that share tokens with the one before.</param>
    public sealed record Capacity(double PerSecond, TimeSpan Tubelet, TimeSpan Head)
    {
        /// <summary>Time that so much work takes one worker alone.</summary>
        public TimeSpan Of(long windows, long tubelets) => (windows * Head) + (tubelets * Tubelet);
    }

    public async Task<Capacity> MeasureCapacityAsync(CancellationToken cancel)
    {
        using var loaded = model.Load(Options, log);
        var (tubelet, head) = (loaded.Costs.PerTubelet?.Of(1) ?? TimeSpan.Zero, loaded.Costs.PerClip.Of(1));
        var perSecond = await new EngineRun(loaded, log).WindowsPerSecondAsync(CapacityTime, cancel);
        return new(perSecond, tubelet, head);
    }

    /// <summary>Cameras at an even pace that together ask for a share of the capacity.</summary>
    public static PipelineLoad LoadOf(Capacity capacity, double share, int cameras, TimeSpan deadline) =>
        new(cameras, TimeSpan.FromSeconds(cameras / (share * capacity.PerSecond) / EngineRig.Hop), EngineRig.Hop, deadline);

    public Task<PipelineFigures> RunAsync(PipelineLoad load, TimeSpan settle, TimeSpan time, CancellationToken cancel) =>
        new PipelineRun(model.Folder, model.Card, log).RunAsync(load, settle, time, cancel);

    /// <summary>How many cameras this machine carries at each hop, the model's time and what decoding takes together.</summary>
    /// <param name="ingest">CPU of one camera, ffmpeg and our share, as part of a core.</param>
    public IReadOnlyList<PlanRow> Plan(double ingest)
    {
        using var loaded = model.Load(Options, log);
        var input = model.Card.Input;
        var plan = new CapacityPlan(
            loaded.Costs, loaded.Workers, input.Frames, loaded.Costs.KeepsTokens ? model.Card.Streaming!.Tubelet : 1);
        return
        [
            .. Hops.Where(hop => hop <= input.Frames).Select(hop =>
            {
                var perSecond = 1 / (hop * input.Interval).TotalSeconds;
                var cost = plan.CostOf(hop).TotalSeconds;
                var share = (perSecond * cost) + ingest;
                return new PlanRow(
                    hop, Math.Round(perSecond, 2), Math.Round(1000 * cost, 2), Math.Round(share, 4),
                    (int)(LoadPolicy.Comfortable * Environment.ProcessorCount / share),
                    plan.Cameras(hop, input.Interval, LoadPolicy.Comfortable));
            }),
        ];
    }

    private static InferenceOptions Options { get; } = new()
    {
        Device = DeviceRequest.Cpu,
        SelfCheck = TimeSpan.Zero,
        Batch = new() { Deadline = TimeSpan.Zero },
    };
}

/// <summary>One line of the capacity planner.</summary>
/// <param name="CoresPerCamera">Model and ingest together.</param>
/// <param name="Cameras">That fit, with room left for bursts.</param>
/// <param name="CamerasModelOnly">Without what decoding takes, as where a GPU decodes.</param>
internal sealed record PlanRow(int Hop, double DecisionsPerS, double ModelMs, double CoresPerCamera, int Cameras, int CamerasModelOnly);
