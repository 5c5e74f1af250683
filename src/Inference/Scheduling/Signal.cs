namespace ActionStream.Inference.Scheduling;

/// <summary>Those who wait for something to look at again. Its owner's lock guards it.</summary>
internal sealed class Signal
{
    private readonly Queue<TaskCompletionSource> _waiters = [];

    /// <summary>Completes when woken; what was waited for may be gone by then.</summary>
    public Task WaitAsync(CancellationToken cancel)
    {
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiters.Enqueue(waiter);
        return cancel.CanBeCanceled ? Cancellable(waiter, cancel) : waiter.Task;
    }

    public void Wake()
    {
        // One that was cancelled must not swallow the news.
        while (_waiters.TryDequeue(out var waiter) && !waiter.TrySetResult())
        {
        }
    }

    public void WakeAll()
    {
        while (_waiters.TryDequeue(out var waiter))
        {
            waiter.TrySetResult();
        }
    }

    private static async Task Cancellable(TaskCompletionSource waiter, CancellationToken cancel)
    {
        await using var _ = cancel.UnsafeRegister(static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), waiter);
        await waiter.Task;
    }
}
