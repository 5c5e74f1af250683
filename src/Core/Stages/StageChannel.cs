using System.Threading.Channels;

namespace ActionStream.Core.Stages;

/// <summary>How long a queue is, what is shed when it is full, and how many read it.</summary>
public sealed record StageChannelOptions(int Capacity, DropPolicy Drop = DropPolicy.Oldest, int Readers = 1);

/// <summary>The usual way for two stages to meet: a bounded queue, first in, first out, that owns what it holds.</summary>
/// <remarks>
/// Whatever the channel does not deliver it disposes, and whatever it sheds it counts. Nothing is lost in silence.
/// </remarks>
public sealed class StageChannel<T> : IStageWriter<T>, IAsyncDisposable
    where T : IDisposable
{
    private readonly Channel<T> _queue;
    private readonly StageMeter _meter;

    public StageChannel(StageChannelOptions options, StageMeter meter)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Capacity, 1);
        _meter = meter;
        _queue = Channel.CreateBounded<T>(
            new BoundedChannelOptions(options.Capacity)
            {
                SingleReader = options.Readers == 1,
                FullMode = options.Drop switch
                {
                    DropPolicy.Oldest => BoundedChannelFullMode.DropOldest,
                    DropPolicy.Incoming => BoundedChannelFullMode.DropWrite,
                    _ => BoundedChannelFullMode.Wait,
                },
            },
            Shed);
        meter.ObserveDepth(() => _queue.Reader.Count);
    }

    public ChannelReader<T> Reader => _queue.Reader;

    /// <inheritdoc />
    public async ValueTask WriteAsync(T item, CancellationToken cancel)
    {
        try
        {
            _meter.Offered();
            await _queue.Writer.WriteAsync(item, cancel);
        }
        catch
        {
            _meter.Dropped(DropReason.Stopped);
            item.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public void Complete(Exception? fault = null) => _queue.Writer.TryComplete(fault);

    public ValueTask DisposeAsync()
    {
        Complete();
        while (_queue.Reader.TryRead(out var left))
        {
            _meter.Dropped(DropReason.Stopped);
            left.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    private void Shed(T item)
    {
        _meter.Dropped(DropReason.QueueFull);
        item.Dispose();
    }
}
