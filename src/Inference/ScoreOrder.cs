using ActionStream.Core.Results;
using ActionStream.Core.Stages;
using ActionStream.Inference.Scheduling;

namespace ActionStream.Inference;

/// <summary>Lets several workers share one schedule and still answer each stream in order: smoothing and events rely on it.</summary>
/// <remarks>A number is drawn as the clip is taken; an answer leaves when all before it of its stream have left or are given up.</remarks>
internal sealed class ScoreOrder(StageChannel<ClipScores> scores) : IDisposable
{
    private readonly SemaphoreSlim _writing = new(1, 1);

    /// <summary>The clip has its answer, or null: there will be none.</summary>
    public async ValueTask FinishAsync(Ticket ticket, ClipScores? answer, CancellationToken cancel)
    {
        await _writing.WaitAsync(cancel);
        try
        {
            var lane = ticket.Lane;
            lane.Early.Add(ticket.Window, answer);
            while (lane.Early.Remove(lane.Next, out var ready))
            {
                lane.Next++;
                if (ready is { } there)
                {
                    await scores.WriteAsync(there, cancel);
                }
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose() => _writing.Dispose();
}
