using ActionStream.Core.Results;
using ActionStream.Core.Stages;
using ActionStream.Inference.Batching;
using ActionStream.Inference.Metrics;
using ActionStream.Inference.Scheduling;
using ActionStream.Inference.Scoring;
using Microsoft.Extensions.Logging;

namespace ActionStream.Inference;

/// <summary>Clips in, scores out: several threads "inference worker" on one schedule, each stream answered in order.</summary>
public sealed partial class InferenceStage(
    IClipModel model,
    BatchPolicy policy,
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

    /// <inheritdoc />
    public async Task RunAsync(CancellationToken cancel)
    {
        Exception? fault = null;
        using var abort = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        try
        {
            meter.ShowDevice(model.Requested, model.Device);
            if (model.SelfCheck is { } check)
            {
                meter.ShowSelfCheck(() => check.Difference, () => check.Checks, () => check.Failures);
            }

            // Threads of their own: a run blocks for as long as the model takes, and would starve the pool that serves the cameras.
            var running = Enumerable.Range(0, workers)
                .Select(_ => Task.Factory.StartNew(
                    () => Work(abort.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))
                .ToList();
            await foreach (var ended in Task.WhenEach(running))
            {
                if (!ended.IsCompletedSuccessfully)
                {
                    await abort.CancelAsync();
                }
            }

            // The one that broke, not one of those that were then told to leave.
            await (running.Find(worker => worker.Exception?.InnerException is not (null or OperationCanceledException))
                ?? Task.WhenAll(running));
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

    private void Work(CancellationToken cancel)
    {
        Thread.CurrentThread.Name = "inference worker";
        if (!model.IsGpu)
        {
            WorkerPriority.StepBack();
        }

        using var scorer = new BatchScorer(model, model.OpenScorer(policy));
        using var batcher = new Batcher(clips, model, policy, time);
        while (Wait(batcher.ReadAsync(cancel)) is { } batch)
        {
            using (batch)
            {
                try
                {
                    Score(scorer, batch, cancel);
                }
                finally
                {
                    Release(batch);
                }
            }
        }
    }

    private void Release(Batch batch)
    {
        for (var i = 0; i < batch.Count; i++)
        {
            clips.Release(batch.NumberOf(i));
        }
    }

    private void Score(BatchScorer scorer, Batch batch, CancellationToken cancel)
    {
        try
        {
            Answer(scorer, batch, 0, batch.Count, cancel);
        }
        catch (ScoringException failed)
        {
            meter.Failed(failed.Reason);
            LogFailed(batch.Count, failed.Message);
            for (var i = 0; i < batch.Count; i++)
            {
                ScoreAlone(scorer, batch, i, failed, cancel);
            }
        }
    }

    // One bad clip must not cost its neighbours their answers. A clip that was alone has had its try.
    private void ScoreAlone(BatchScorer scorer, Batch batch, int index, ScoringException failed, CancellationToken cancel)
    {
        if (batch.Count > 1)
        {
            try
            {
                Answer(scorer, batch, index, 1, cancel);
                return;
            }
            catch (ScoringException again)
            {
                meter.Failed(again.Reason);
                LogFailed(1, again.Message);
                failed = again;
            }
        }

        GiveUp(batch, index, failed.Reason, cancel);
    }

    private void Answer(BatchScorer scorer, Batch batch, int first, int count, CancellationToken cancel)
    {
        var startedAt = time.GetTimestamp();
        var clips = batch.Clips.Slice(first, count);
        scorer.Run(clips);
        var inferredAt = time.GetTimestamp();
        var elapsed = time.GetElapsedTime(startedAt, inferredAt);
        meter.Ran(count, elapsed, scorer.TakeCounts());
        LogRan(count, elapsed.TotalMilliseconds);

        for (var i = 0; i < count; i++)
        {
            var number = batch.NumberOf(first + i);
            if (scorer.TryAnswer(i, clips[i], number.Window, batch.TakenAt, inferredAt, out var answer))
            {
                stage.Finished(elapsed);
                Finish(number, PassesClips ? answer with { Clip = clips[i].Share() } : answer, cancel);
            }
            else
            {
                meter.Failed(DropReason.InvalidOutput.Label);
                LogInvalid(clips[i].Stream);
                GiveUp(batch, first + i, DropReason.InvalidOutput.Label, cancel);
            }
        }
    }

    private void GiveUp(Batch batch, int index, string reason, CancellationToken cancel)
    {
        stage.Dropped(DropReason.InvalidOutput);
        meter.Unanswered(batch.Clips[index].Stream, reason);
        Finish(batch.NumberOf(index), null, cancel);
    }

    private void Finish(SequenceNumber number, ClipScores? answer, CancellationToken cancel) =>
        number.Queue.Answers.Finish(number.Window, answer, scores, cancel);

    // The thread is the worker's own: blocking it costs no one.
    private static T Wait<T>(ValueTask<T> task) => task.IsCompletedSuccessfully ? task.Result : task.AsTask().GetAwaiter().GetResult();

    [LoggerMessage(LogLevel.Trace, "Ran {Count} clips in {Milliseconds:f1} ms")]
    private partial void LogRan(int count, double milliseconds);

    [LoggerMessage(LogLevel.Warning, "A run of {Count} clips failed: {Problem}")]
    private partial void LogFailed(int count, string problem);

    [LoggerMessage(
        LogLevel.Warning, "The model's answer for a clip of {Stream} was not a number or of the wrong shape; the clip has no scores")]
    private partial void LogInvalid(string stream);
}
