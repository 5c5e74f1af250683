using System.Diagnostics.CodeAnalysis;

namespace ActionStream.Inference.Scheduling;

/// <summary>Those who wait for something to look at again: threads of their own, which block and cost no object, and tasks. Its owner's lock guards it.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A SemaphoreSlim holds nothing that needs closing until its wait handle is asked for.")]
internal sealed class Signal
{
    private readonly Queue<TaskCompletionSource> _waiters = [];
    private readonly SemaphoreSlim _blocked = new(0);
    private int _threads;

    /// <summary>Completes when woken; what was waited for may be gone by then.</summary>
    public Task WaitAsync(CancellationToken cancel)
    {
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiters.Enqueue(waiter);
        return cancel.CanBeCanceled ? Cancellable(waiter, cancel) : waiter.Task;
    }

    /// <summary>Says, under the lock, that this thread will <see cref="Block"/>.</summary>
    public void Announce() => _threads++;

    /// <summary>Waits, outside the lock, until woken; now and then for nothing.</summary>
    public void Block(CancellationToken cancel) => _blocked.Wait(cancel);

    public void Wake()
    {
        if (_threads > 0)
        {
            _threads--;
            _blocked.Release();
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

    private static async Task Cancellable(TaskCompletionSource waiter, CancellationToken cancel)
    {
        await using var _ = cancel.UnsafeRegister(static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), waiter);
        await waiter.Task;
    }
}
