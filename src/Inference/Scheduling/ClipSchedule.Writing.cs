using System.Threading.Channels;
using ActionStream.Core.Media;
using ActionStream.Core.Stages;

namespace ActionStream.Inference.Scheduling;

/// <content>The cameras' side: clips come in, wait for room where nothing may be shed, and end.</content>
public sealed partial class ClipSchedule
{
    /// <inheritdoc />
    public ValueTask WriteAsync(Clip item, CancellationToken cancel)
    {
        _stage.Offered();
        lock (_lock)
        {
            if (!_isCompleted && !cancel.IsCancellationRequested && TryOffer(item))
            {
                return ValueTask.CompletedTask;
            }
        }

        return WriteWhenThereIsRoomAsync(item, cancel);
    }

    /// <inheritdoc />
    public void Complete(Exception? fault = null)
    {
        lock (_lock)
        {
            if (!_isCompleted)
            {
                (_isCompleted, _fault) = (true, fault);
                _writable.WakeAll();
                TellIfOver();
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        Complete();
        lock (_lock)
        {
            foreach (var queue in _all)
            {
                ShedAll(queue);
            }
        }

        return ValueTask.CompletedTask;
    }

    private async ValueTask WriteWhenThereIsRoomAsync(Clip clip, CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                cancel.ThrowIfCancellationRequested();
                Task room;
                lock (_lock)
                {
                    if (_isCompleted)
                    {
                        throw new ChannelClosedException(_fault);
                    }

                    if (TryOffer(clip))
                    {
                        return;
                    }

                    room = _writable.WaitAsync(cancel);
                }

                await room;
            }
        }
        catch
        {
            _stage.Dropped(DropReason.Stopped);
            clip.Dispose();
            throw;
        }
    }

    // Under the lock. False: the stream queue is full, and its writer waits.
    private bool TryOffer(Clip clip)
    {
        if (!_streams.TryGetValue(clip.Stream, out var queue))
        {
            Shed(clip, DropReason.Stopped);
            return true;
        }

        if (_isClosed)
        {
            Shed(clip, DropReason.NoModel); // not offered to anybody: no lateness, no load
            return true;
        }

        if (queue.Waiting.Count >= _options.Waiting && (!_options.Sheds || queue.Waiting.Peek().Time.IsBeforeWaking))
        {
            return false; // many come at once where a camera wakes, and the first may show why
        }

        _offered++;
        if (!IsTakenIn(queue, clip))
        {
            Shed(clip, DropReason.LoadShed);
            return true;
        }

        if (queue.Waiting.Count >= _options.Waiting)
        {
            if (IsOverdue(queue, queue.Waiting.Peek()))
            {
                ShedForLoad(Remove(queue), DropReason.QueueFull);
            }
            else
            {
                Shed(Remove(queue), DropReason.Burst);
            }
        }

        if (queue.Waiting.Count == 0 && queue.InFlight == 0)
        {
            queue.VirtualTime = Math.Max(queue.VirtualTime, _virtualTime); // who had nothing to ask has saved nothing up
        }

        _waiting++;
        queue.Waiting.Enqueue(clip);
        if (IsReady(queue))
        {
            _readable.Wake();
        }

        return true;
    }

    // By the window's place on the absolute grid, so that a lengthened hop is the same hop in every run.
    private static bool IsTakenIn(StreamQueue queue, Clip clip) =>
        queue.HopMultiplier > 0 && (queue.HopMultiplier == 1 || clip.Time.FirstIndex / queue.Demand.Hop % queue.HopMultiplier == 0);
}
