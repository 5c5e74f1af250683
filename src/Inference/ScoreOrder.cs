using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using ActionStream.Core.Media;
using ActionStream.Core.Results;
using ActionStream.Core.Stages;

namespace ActionStream.Inference;

/// <summary>A clip's place in its stream.</summary>
/// <param name="Window">Running number of the clip within its stream, from 0.</param>
internal readonly record struct Ticket(Lane Lane, long Window);

/// <summary>One stream's clips between being taken and being answered.</summary>
internal sealed class Lane
{
    /// <summary>Number for the next clip that is taken.</summary>
    public long Taken { get; set; }

    /// <summary>Number of the next answer that may leave.</summary>
    public long Next { get; set; }

    /// <summary>Answers that wait for an earlier one; null where there will be none.</summary>
    public Dictionary<long, ClipScores?> Early { get; } = [];
}

/// <summary>Lets several workers share one queue and still answer each stream in order: smoothing and events rely on it.</summary>
/// <remarks>A number is drawn in the same step as the clip is taken; an answer leaves when all before it of its stream have left or are given up.</remarks>
internal sealed class ScoreOrder(ChannelReader<Clip> clips, StageChannel<ClipScores> scores) : IDisposable
{
    private readonly Lock _taking = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Dictionary<string, Lane> _lanes = new(StringComparer.Ordinal);

    public bool TryTake([MaybeNullWhen(false)] out Clip clip, out Ticket ticket)
    {
        lock (_taking)
        {
            if (!clips.TryRead(out clip))
            {
                ticket = default;
                return false;
            }

            if (!_lanes.TryGetValue(clip.Stream, out var lane))
            {
                _lanes.Add(clip.Stream, lane = new Lane());
            }

            ticket = new(lane, lane.Taken++);
            return true;
        }
    }

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
                if (ready is not null)
                {
                    await scores.WriteAsync(ready, cancel);
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
