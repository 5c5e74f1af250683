namespace ActionStream.Ingest.Sources;

/// <summary>Whether a camera is wanted at present. Switched off, its connection is closed and no other is opened.</summary>
/// <remarks>Thread-safe. Waiting costs nothing: a camera that is off has no child process and no timer.</remarks>
public sealed class CameraSwitch : IDisposable
{
    private readonly Lock _lock = new();
    private CancellationTokenSource _off = new();
    private TaskCompletionSource _on = Completed();

    public bool IsOn
    {
        get
        {
            lock (_lock)
            {
                return _on.Task.IsCompleted;
            }
        }
    }

    /// <summary>Cancelled when the camera is switched off; another one after it is on again.</summary>
    public CancellationToken Off
    {
        get
        {
            lock (_lock)
            {
                return _off.Token;
            }
        }
    }

    public void Set(bool isOn)
    {
        CancellationTokenSource ending;
        lock (_lock)
        {
            if (isOn == _on.Task.IsCompleted)
            {
                return;
            }

            ending = _off;
            if (isOn)
            {
                _off = new(); // the last one is cancelled, and whoever still looks at it must see that
                _on.SetResult();
            }
            else
            {
                _on = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        if (!isOn)
        {
            ending.Cancel();
        }
    }

    public Task WaitUntilOnAsync(CancellationToken cancel)
    {
        lock (_lock)
        {
            return _on.Task.WaitAsync(cancel);
        }
    }

    public void Dispose() => _off.Dispose();

    private static TaskCompletionSource Completed()
    {
        var on = new TaskCompletionSource();
        on.SetResult();
        return on;
    }
}
