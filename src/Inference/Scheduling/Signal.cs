namespace ActionStream.Inference.Scheduling;

/// <summary>Those who wait for something to look at again: threads of their own, which block and cost no object, and
/// tasks. Its owner's lock guards it.</summary>
/// <remarks>
/// Threads sleep at once in a monitor. A SemaphoreSlim would spin at each wait first, and few cameras mean many waits.
/// </remarks>
internal sealed class Signal
{
    private readonly Queue<TaskCompletionSource> _waiters = [];
    private readonly object _sleepers = new();   // not a Lock: those cannot be waited in
    private int _threads;
    private int _calls;

    /// <summary>Completes when woken; what was waited for may be gone by then.</summary>
    public Task WaitAsync(CancellationToken cancel)
    {
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiters.Enqueue(waiter);
        return cancel.CanBeCanceled ? Cancellable(waiter, cancel) : waiter.Task;
    }

    /// <summary>Says, under the lock, that this thread will <see cref="Block"/>.</summary>
    public void WillBlock() => _threads++;

    /// <summary>Waits, outside the lock, until woken; now and then for nothing.</summary>
    public void Block(CancellationToken cancel)
    {
        using var _ = cancel.UnsafeRegister(static state => WakeSleepers(state!), _sleepers);
        lock (_sleepers)
        {
            while (_calls == 0)
            {
                cancel.ThrowIfCancellationRequested();
                Monitor.Wait(_sleepers);
            }

            _calls--;
        }
    }

    public void Wake()
    {
        if (_threads > 0)
        {
            _threads--;
            lock (_sleepers)
            {
                _calls++;
                Monitor.Pulse(_sleepers);
            }

            return;
        }

        // One that was cancelled must not swallow the news.
        while (_waiters.TryDequeue(out var waiter) && !waiter.TrySetResult())
        {
        }
    }

    public void WakeAll()
    {
        while (_threads > 0 || _waiters.Count > 0)
        {
            Wake();
        }
    }

    private static void WakeSleepers(object sleepers)
    {
        lock (sleepers)
        {
            Monitor.PulseAll(sleepers);
        }
    }

    private static async Task Cancellable(TaskCompletionSource waiter, CancellationToken cancel)
    {
        await using var _ = cancel.UnsafeRegister(static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), waiter);
        await waiter.Task;
    }
}
