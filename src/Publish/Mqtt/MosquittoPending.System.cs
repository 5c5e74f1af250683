namespace ActionStream.Publish.Mqtt;

/// <summary>Who waits for which message id. An answer may arrive before the caller knows its id, so early ones are kept.</summary>
internal sealed class MosquittoPending
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, TaskCompletionSource> _waiting = [];
    private readonly Dictionary<int, MqttException?> _early = [];
    private MqttException? _over;

    public Task WaitFor(int mid, CancellationToken cancel)
    {
        TaskCompletionSource answer;
        lock (_lock)
        {
            if (_early.Remove(mid, out var fault))
            {
                return fault is null ? Task.CompletedTask : Task.FromException(fault);
            }

            if (_over is not null)
            {
                return Task.FromException(_over);
            }

            answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting[mid] = answer;
        }

        return cancel.CanBeCanceled ? answer.Task.WaitAsync(cancel) : answer.Task;
    }

    public void Done(int mid, MqttException? fault)
    {
        TaskCompletionSource? answer;
        lock (_lock)
        {
            if (!_waiting.Remove(mid, out answer))
            {
                _early[mid] = fault;
                return;
            }
        }

        if (fault is null)
        {
            answer.TrySetResult();
        }
        else
        {
            answer.TrySetException(fault);
        }
    }

    public void Fail(MqttException fault)
    {
        List<TaskCompletionSource> left;
        lock (_lock)
        {
            _over = fault;
            left = [.. _waiting.Values];
            _waiting.Clear();
        }

        foreach (var answer in left)
        {
            answer.TrySetException(fault);
        }
    }
}
