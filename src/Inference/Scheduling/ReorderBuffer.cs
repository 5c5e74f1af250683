using ActionStream.Core.Results;
using ActionStream.Core.Stages;

namespace ActionStream.Inference.Scheduling;

/// <summary>Lets several workers answer one stream in order, whichever is faster: smoothing and events rely on it.</summary>
/// <remarks>
/// A number is drawn as the clip is taken; an answer leaves when all before it have left or are given up.
/// It blocks while the next stage does not take any: the workers' threads are their own.
/// </remarks>
internal sealed class ReorderBuffer
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, ClipScores?> _answers = [];
    private long _next;

    /// <summary>The clip of that number has its answer, or null: there will be none.</summary>
    public void Finish(long number, ClipScores? answer, IStageWriter<ClipScores> scores, CancellationToken cancel)
    {
        lock (_lock)
        {
            _answers.Add(number, answer);
            while (_answers.Remove(_next, out var ready))
            {
                _next++;
                if (ready is { } there)
                {
                    Write(there, scores, cancel);
                }
            }
        }
    }

    /// <summary>
    /// The workers have left: what waits for an answer that will never come goes to the next stage's queue as too late for
    /// it, which counts and disposes it.
    /// </summary>
    public async Task ClearAsync(IStageWriter<ClipScores> scores)
    {
        ClipScores?[] left;
        lock (_lock)
        {
            left = [.. _answers.Values];
            _answers.Clear();
        }

        foreach (var answer in left.OfType<ClipScores>())
        {
            var refused = scores.WriteAsync(answer, new CancellationToken(canceled: true)).AsTask();
            await refused.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static void Write(in ClipScores answer, IStageWriter<ClipScores> scores, CancellationToken cancel)
    {
        var written = scores.WriteAsync(answer, cancel);
        if (!written.IsCompletedSuccessfully)
        {
            written.AsTask().GetAwaiter().GetResult();
        }
    }
}
