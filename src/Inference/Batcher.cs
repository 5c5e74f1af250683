using System.Threading.Channels;
using ActionStream.Core.Media;
using ActionStream.Core.Stages;

namespace ActionStream.Inference;

/// <summary>Groups clips from many streams into batches for one session. Each worker has its own, over the same queue.</summary>
/// <remarks>
/// A batch is chosen only when the session asks for one, so everything that arrived while it was busy rides along:
/// under load batches grow by themselves, and <see cref="BatchPolicy.MaxDelay"/> matters only while it is idle.
/// </remarks>
internal sealed class Batcher(ChannelReader<Clip> clips, ScoreOrder order, BatchPolicy policy, InferenceMeter meter, StageMeter stage, TimeProvider time)
    : IDisposable
{
    private readonly Batch _batch = new(policy.MaxSize);
    private readonly List<Ticket> _late = [];
    private Task<bool>? _arrival;

    /// <summary>The next batch, or null at the end. It is the caller's until it is disposed, and the next call reuses it.</summary>
    public async ValueTask<Batch?> ReadAsync(CancellationToken cancel)
    {
        while (await Arrival(cancel))
        {
            await FillAsync(cancel);
            foreach (var late in _late)
            {
                await order.FinishAsync(late, null, cancel);
            }

            _late.Clear();
            if (_batch.Count > 0) // else another worker was faster, or everything was too old to matter
            {
                return _batch;
            }
        }

        return null;
    }

    public void Dispose() => _batch.Dispose();

    private async ValueTask FillAsync(CancellationToken cancel)
    {
        try
        {
            Gather();
            while (policy.Patience(_batch.Count, WaitedLongest()) is { Ticks: > 0 } patience && await ArrivesWithin(patience, cancel))
            {
                Gather();
            }

            cancel.ThrowIfCancellationRequested();
        }
        catch
        {
            _batch.Dispose();
            throw;
        }
    }

    private void Gather()
    {
        while (_batch.Count < policy.MaxSize && order.TryTake(out var clip, out var ticket))
        {
            if (policy.IsPastDeadline(time.GetElapsedTime(clip.Time.ArrivedAt)))
            {
                stage.Dropped(DropReason.Deadline);
                meter.TooLate(clip.Stream);
                clip.Dispose();
                _late.Add(ticket);
            }
            else
            {
                _batch.Add(clip, ticket, time.GetTimestamp());
            }
        }
    }

    private async ValueTask<bool> ArrivesWithin(TimeSpan patience, CancellationToken cancel)
    {
        Task arrival = _arrival ??= clips.WaitToReadAsync(cancel).AsTask();
        await arrival.WaitAsync(patience, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return arrival.IsCompleted && await Arrival(cancel);
    }

    // A wait that timed out is kept and resumed: a second one would leave the first behind in the channel.
    private async ValueTask<bool> Arrival(CancellationToken cancel)
    {
        var arrival = _arrival;
        _arrival = null;
        return arrival is null ? await clips.WaitToReadAsync(cancel) : await arrival;
    }

    private TimeSpan WaitedLongest() => _batch.Count == 0 ? TimeSpan.Zero : time.GetElapsedTime(_batch.Clips[0].Time.ReadyAt);
}
