using ActionStream.Core.Results;
using ActionStream.Core.Stages;
using ActionStream.Inference.Scheduling;

namespace ActionStream.Inference.Scoring;

/// <summary>Lets several workers share one schedule and still answer each stream in order: smoothing and events rely on it.</summary>
/// <remarks>
/// A number is drawn as the clip is taken; an answer leaves when all before it of its stream have left or are given up.
/// It blocks while the next stage does not take any: the workers' threads are their own.
/// </remarks>
internal sealed class ScoreOrder(StageChannel<ClipScores> scores)
{
    private readonly Lock _writing = new();

    /// <summary>The clip has its answer, or null: there will be none.</summary>
    public void Finish(SequenceNumber number, ClipScores? answer, CancellationToken cancel)
    {
        lock (_writing)
        {
            var queue = number.Queue;
            queue.Reordered.Add(number.Window, answer);
            while (queue.Reordered.Remove(queue.Next, out var ready))
            {
                queue.Next++;
                if (ready is { } there)
                {
                    Write(there, cancel);
                }
            }
        }
    }

    private void Write(in ClipScores answer, CancellationToken cancel)
    {
        var written = scores.WriteAsync(answer, cancel);
        if (!written.IsCompletedSuccessfully)
        {
            written.AsTask().GetAwaiter().GetResult();
        }
    }
}
