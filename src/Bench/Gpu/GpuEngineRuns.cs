using ActionStream.Bench.Engine;
using ActionStream.Bench.Reporting;
using ActionStream.Inference.Batching;
using ActionStream.Inference.Configuration;
using ActionStream.Inference.Scoring;
using Microsoft.Extensions.Logging;

namespace ActionStream.Bench.Gpu;

/// <summary>One run of the engine: which numbers, which path, how many clips at most.</summary>
/// <param name="Batch">0 as shipped.</param>
/// <param name="IsPaced">Also under cameras that do not wait.</param>
internal sealed record GpuEngineCase(BenchModel Model, string Numbers, WindowPath Path, int Batch, bool IsPaced);

/// <summary>The engine on the device, from cached tokens and whole: all it can do, and what it sustains.</summary>
internal sealed class GpuEngineRuns(string preset, GpuBenchOptions asked, ILoggerFactory log)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);
    private static readonly double[] Shares = [0.8, 0.6];

    public async Task<GpuEngine> RunAsync(GpuEngineCase one, Action<GpuSustained> onResult, CancellationToken cancel)
    {
        using var loaded = one.Model.Load(
            new()
            {
                Device = asked.Device,
                Windows = one.Path,
                SelfCheck = TimeSpan.Zero,
                Batch = new() { MaxSize = one.Batch, Deadline = TimeSpan.Zero },
            },
            log);
        var isKept = loaded.SelfCheck is { IsTrusted: true };

        // Four batches for each worker wait or run: more cameras than that change nothing but the memory.
        var streams = asked.IsGpu ? Math.Max(16, 4 * loaded.Policy.MaxSize * loaded.Workers) : 8;
        var run = new EngineRun(loaded, log) { Streams = streams, Unmeasured = asked.IsGpu ? 2 * streams : 0 };
        var perSecond = await WithinAsync(stop => run.WindowsPerSecondAsync(2 * asked.Time, stop), cancel);
        var engine = new GpuEngine(
            preset, one.Numbers, isKept ? "cached tokens" : "whole windows", loaded.Policy.MaxSize, loaded.Workers,
            Math.Round(perSecond, 1), GpuFigures.Cameras(perSecond), loaded.SelfCheck?.Difference);
        foreach (var share in one.IsPaced ? Shares : [])
        {
            var paced = new PacedRun(loaded, Math.Max(1, (int)(share * GpuFigures.Cameras(perSecond))), log);
            var figures = await WithinAsync(stop => paced.MeasureAsync(3 * asked.Time, stop), cancel);
            onResult(
                new(preset, figures.Cameras, figures.OfferedPerS, figures.Answered, figures.Age.P50, figures.Age.P95, figures.Age.P99));
            if (figures.Answered >= 0.999)
            {
                break;
            }
        }

        return engine;
    }

    private async Task<T> WithinAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter((3 * asked.Time) + Patience);
        try
        {
            return await work(limit.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new BenchException(
                $"the engine was not done {Patience.TotalSeconds:0} s after it should have been: it hangs, or is far too slow");
        }
    }
}
