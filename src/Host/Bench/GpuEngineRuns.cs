using ActionStream.Inference;
using Microsoft.Extensions.Logging;

namespace ActionStream.Host.Bench;

/// <summary>The engine on the device with more windows than it can do, from kept tokens and whole.</summary>
internal sealed class GpuEngineRuns(string preset, BenchModel model, GpuAsked asked, ILoggerFactory log)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>As shipped, and in batches as large as were asked for.</summary>
    public IEnumerable<(WindowPath Path, int Batch)> Cases => asked.IsGpu
        ? [(WindowPath.Cached, 0), (WindowPath.Cached, Math.Min(64, asked.Batches.Max())), (WindowPath.Full, 0)]
        : [(WindowPath.Cached, 0), (WindowPath.Full, 0)];

    /// <param name="batch">Most clips in one run; 0 as shipped.</param>
    public async Task<GpuEngine> RunAsync(WindowPath path, int batch, CancellationToken cancel)
    {
        using var loaded = model.Load(
            new() { Device = asked.Device, Windows = path, SelfCheck = TimeSpan.Zero, Batch = new() { MaxSize = batch, Deadline = TimeSpan.Zero } }, log);
        var isKept = loaded.SelfCheck is { IsTrusted: true };

        // Four batches for each worker wait or run: more cameras than that change nothing but the memory.
        var streams = asked.IsGpu ? Math.Max(16, 4 * loaded.Policy.MaxSize * loaded.Workers) : 8;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(asked.Time + Patience);
        try
        {
            var perSecond = await new EngineRun(loaded, log) { Streams = streams, Unmeasured = asked.IsGpu ? 2 * streams : 0 }.WindowsPerSecondAsync(asked.Time, limit.Token);
            return new(
                preset, isKept ? "kept tokens" : "whole windows", loaded.Policy.MaxSize, loaded.Workers, Math.Round(perSecond, 1), GpuFigures.Cameras(perSecond),
                loaded.SelfCheck?.Difference);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new BenchException($"the engine gave no {Patience.TotalSeconds:0} s worth of answers: it hangs, or is far too slow");
        }
    }
}
