using ActionStream.Core.Results;
using ActionStream.Core.Stages;
using ActionStream.Inference.Batching;
using ActionStream.Inference.Scheduling;
using ActionStream.Inference.Scoring;
using Microsoft.Extensions.Logging;

namespace ActionStream.Inference;

/// <content>One batch on one worker: its answers, and what is tried before a clip is given up.</content>
public sealed partial class InferenceStage
{
    private void Score(in Desk desk, Batch batch, CancellationToken cancel)
    {
        try
        {
            Answer(desk, batch, 0, batch.Count, cancel);
        }
        catch (ScoringException failed)
        {
            var isOver = Failed(failed, batch.Count);
            if (failed.Reason == ScoringException.OutOfMemory && batch.Count > 1 && !isOver)
            {
                LogCap(batch.Count, slot.LowerCap(batch.Count));
                var half = BatchCap.HalfOf(batch.Count);
                ScorePart(desk, batch, 0, half, cancel);
                ScorePart(desk, batch, half, batch.Count - half, cancel);
                return;
            }

            ScoreEach(desk, batch, 0, batch.Count, failed, isOver, cancel);
        }
    }

    // Half of a batch that did not fit as a whole.
    private void ScorePart(in Desk desk, Batch batch, int first, int count, CancellationToken cancel)
    {
        try
        {
            Answer(desk, batch, first, count, cancel);
        }
        catch (ScoringException failed)
        {
            var isOver = Failed(failed, count);
            if (failed.Reason == ScoringException.OutOfMemory && count > 1)
            {
                LogCap(count, slot.LowerCap(count));
            }

            ScoreEach(desk, batch, first, count, failed, isOver, cancel);
        }
    }

    // One bad clip must not cost its neighbours their answers. A clip that was alone has had its try.
    private void ScoreEach(
        in Desk desk, Batch batch, int first, int count, ScoringException failed, bool isOver, CancellationToken cancel)
    {
        for (var i = first; i < first + count; i++)
        {
            if (count == 1 || isOver)
            {
                GiveUp(batch, i, failed.Reason, cancel);
                continue;
            }

            try
            {
                Answer(desk, batch, i, 1, cancel);
            }
            catch (ScoringException again)
            {
                isOver = Failed(again, 1);
                GiveUp(batch, i, again.Reason, cancel);
            }
        }
    }

    /// <returns>True if there is no use in another run.</returns>
    private bool Failed(ScoringException failed, int count)
    {
        meter.Failed(failed.Reason);
        LogFailed(count, failed.Message);
        return slot.Failed(failed);
    }

    private void Answer(in Desk desk, Batch batch, int first, int count, CancellationToken cancel)
    {
        var startedAt = time.GetTimestamp();
        var clips = batch.Clips.Slice(first, count);
        Watch?.Begin(desk.Worker, slot.Costs.Of(batch.Work));
        try
        {
            desk.Scorer.Run(clips);
        }
        finally
        {
            Watch?.End(desk.Worker);
        }

        slot.Succeeded();
        var inferredAt = time.GetTimestamp();
        var elapsed = time.GetElapsedTime(startedAt, inferredAt);
        meter.Ran(count, elapsed, desk.Scorer.TakeCounts());
        LogRan(count, elapsed.TotalMilliseconds);

        for (var i = 0; i < count; i++)
        {
            var number = batch.NumberOf(first + i);
            if (desk.Scorer.TryAnswer(i, clips[i], number.Window, batch.TakenAt, inferredAt, out var answer))
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

    [LoggerMessage(LogLevel.Trace, "Ran {Count} clips in {Milliseconds:f1} ms")]
    private partial void LogRan(int count, double milliseconds);

    [LoggerMessage(LogLevel.Warning, "A run of {Count} clips failed: {Problem}")]
    private partial void LogFailed(int count, string problem);

    [LoggerMessage(
        LogLevel.Warning, "{Count} clips together do not fit into the device's memory: at most {Cap} from here on, more is tried later")]
    private partial void LogCap(int count, int cap);

    [LoggerMessage(
        LogLevel.Warning, "The model's answer for a clip of {Stream} was not a number or of the wrong shape; the clip has no scores")]
    private partial void LogInvalid(string stream);

    /// <summary>A worker and what it runs clips with.</summary>
    private readonly record struct Desk(int Worker, BatchScorer Scorer);
}
