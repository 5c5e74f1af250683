using ActionStream.Core.Results;
using ActionStream.Core.Stages;
using ActionStream.Inference.Batching;
using ActionStream.Inference.Metrics;
using ActionStream.Inference.Scheduling;
using ActionStream.Inference.Serving;
using Microsoft.Extensions.Logging;

namespace ActionStream.Inference;

/// <summary>Clips in, scores out: several threads "inference worker" on one schedule, each stream answered in order.</summary>
public sealed partial class InferenceStage(
    ModelSlot slot,
    int workers,
    ClipSchedule clips,
    IStageWriter<ClipScores> scores,
    StageMeter stage,
    InferenceMeter meter,
    TimeProvider time,
    ILogger<InferenceStage> log) : IStage
{
    /// <summary>Answers bring the frames they were made from, for those who make frames of them.</summary>
    public bool PassesClips { get; init; }

    /// <summary>Watches that runs return; null where nobody does.</summary>
    public RunWatch? Watch { get; init; }

    /// <inheritdoc />
    public async Task RunAsync(CancellationToken cancel)
    {
        Exception? fault = null;
        using var abort = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        try
        {
            ModelMeter.Show(meter.Instruments, slot);

            // Threads of their own: a run blocks for as long as the model takes, and would starve the pool that serves the cameras.
            var running = Enumerable.Range(0, workers)
                .Select(worker => Task.Factory.StartNew(
                    () => Work(worker, abort.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))
                .ToList();
            if (await HaveAllLeftAsync(running, abort))
            {
                // The one that broke, not one of those that were then told to leave.
                await (running.Find(worker => worker.Exception?.InnerException is not (null or OperationCanceledException))
                    ?? Task.WhenAll(running));
            }
        }
        catch (Exception reason)
        {
            fault = reason is OperationCanceledException ? null : reason;
            throw;
        }
        finally
        {
            await clips.ClearAnswersAsync(scores);
            scores.Complete(fault);
        }
    }

    /// <returns>False if one will never leave.</returns>
    private async Task<bool> HaveAllLeftAsync(List<Task> running, CancellationTokenSource abort)
    {
        var left = running.ToList();
        while (left.Count > 0)
        {
            var ended = await Task.WhenAny(Watch is null ? left : left.Append(Watch.Abandoned));
            if (!left.Remove(ended))
            {
                return false;
            }

            if (!ended.IsCompletedSuccessfully)
            {
                await abort.CancelAsync();
            }
        }

        return true;
    }

    private void Work(int worker, CancellationToken cancel)
    {
        Thread.CurrentThread.Name = "inference worker";
        if (!slot.Model.IsGpu)
        {
            WorkerPriority.StepBack();
        }

        try
        {
            using var batcher = new Batcher(clips, slot, () => slot.Policy, time);
            while (Wait(batcher.ReadAsync(cancel)) is { } batch)
            {
                using (batch)
                {
                    try
                    {
                        Score(new(worker, slot.ScorerOf(worker)), batch, cancel);
                    }
                    finally
                    {
                        Release(batch);
                    }
                }
            }
        }
        finally
        {
            slot.Close(worker);
        }
    }

    private void Release(Batch batch)
    {
        for (var i = 0; i < batch.Count; i++)
        {
            clips.Release(batch.NumberOf(i));
        }
    }

    // The thread is the worker's own: blocking it costs no one.
    private static T Wait<T>(ValueTask<T> task) => task.IsCompletedSuccessfully ? task.Result : task.AsTask().GetAwaiter().GetResult();
}
