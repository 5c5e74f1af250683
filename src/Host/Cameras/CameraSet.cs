using ActionStream.Host.Configuration;
using ActionStream.Ingest.Sources;
using Microsoft.Extensions.Logging;

namespace ActionStream.Host.Cameras;

/// <summary>The cameras that run. Each can be added, changed and removed alone; the others do not notice.</summary>
/// <remarks>
/// It ends when it is stopped, or when every camera has come to its end by itself, as recordings do. An error of ours that
/// ends one of them for good is logged, and thrown when there is no other left. A camera that is
/// started again counts its connections on, so that nothing of its former life is taken for its own.
/// </remarks>
internal sealed partial class CameraSet(CameraParts parts, IReadOnlyDictionary<string, CameraOptions> cameras) : IDisposable
{
    private CameraParts _parts = parts;
    private readonly Dictionary<string, CameraRun> _running = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _nextEpochs = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _lock = new(1);
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ILogger _log = parts.Ingest.Log.CreateLogger<CameraSet>();
    private CancellationToken _stop;
    private Exception? _fault;
    private bool _isOver;

    /// <summary>A camera came, or its settings changed, while it ran.</summary>
    public Action<string, CameraOptions>? OnShown { get; set; }

    /// <summary>A camera is gone.</summary>
    public Action<string>? OnRemoved { get; set; }

    /// <summary>Starts the cameras there are and runs until all have ended.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        _stop = stop;
        await using var _ = stop.Register(() => _over.TrySetResult());
        await InTurnAsync(() =>
        {
            foreach (var (key, camera) in cameras)
            {
                Start(key, camera);
            }

            return Task.CompletedTask;
        });
        try
        {
            await _over.Task;
        }
        finally
        {
            await InTurnAsync(async () =>
            {
                _isOver = true;
                await Task.WhenAll(_running.Values.Select(run => run.StopAsync()));
            });
        }
    }

    /// <summary>Makes the difference between two configurations, and nothing else. Without effect once all is over.</summary>
    /// <remarks>It waits for windows that are under way, which may hang: who ends all cameras ends that too.</remarks>
    /// <param name="between">Called when those that stop have stopped and none has been started; null for nothing.</param>
    public async Task ApplyAsync(CameraChanges changes, Func<CancellationToken, Task>? between, CancellationToken cancel)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancel, _stop);
        await InTurnAsync(() => _isOver ? Task.CompletedTask : ApplyInTurnAsync(changes, between, ending.Token));
    }

    private async Task ApplyInTurnAsync(CameraChanges changes, Func<CancellationToken, Task>? between, CancellationToken cancel)
    {
        await Task.WhenAll(changes.Stopping.Select(key => StopAsync(key, cancel)));
        if (between is not null)
        {
            await between(cancel);
        }

        foreach (var key in changes.Removed)
        {
            _parts.Publisher.Remove(key);
            OnRemoved?.Invoke(key);
        }

        foreach (var (key, camera) in changes.Retuned)
        {
            _parts.Retune(key, camera);
            OnShown?.Invoke(key, camera);
        }

        foreach (var (key, camera) in changes.Starting)
        {
            OnShown?.Invoke(key, camera);
            _parts.Register(key, camera, _nextEpochs.GetValueOrDefault(key));
            Start(key, camera);
        }

        EndIfAllHave();
    }

    /// <summary>Another configuration for cameras that are started or retuned from here on. Only while changes are made.</summary>
    internal void Use(LoadedConfiguration loaded) => _parts = _parts with { LoadedConfiguration = loaded };

    /// <summary>Those whose connection goes on meet another model.</summary>
    internal void Change(IEnumerable<KeyValuePair<string, CameraOptions>> cameras)
    {
        foreach (var (key, camera) in cameras)
        {
            _parts.Change(key, camera);
        }
    }

    /// <summary>Switches a camera off or on as somebody asked, until it is started again. From any thread; one that
    /// is just leaving does not get it.</summary>
    public void Switch(string key, bool isOn)
    {
        lock (_running)
        {
            _running.GetValueOrDefault(key)?.Switch(isOn);
        }
    }

    public void Dispose()
    {
        foreach (var run in _running.Values)
        {
            run.Dispose();
        }

        _lock.Dispose();
    }

    private void Start(string key, CameraOptions camera)
    {
        var power = new CameraSwitch();
        var stage = _parts.Build(key, camera, power, _nextEpochs.GetValueOrDefault(key));
        var run = new CameraRun(stage, power, _parts.Motion(key, camera), _stop);
        lock (_running)
        {
            _running[key] = run;
        }

        run.Start(fault =>
        {
            if (fault is not null)
            {
                _fault = fault;
                LogEnded(fault, key);
            }

            EndIfAllHave(run);
        });
    }

    private async Task StopAsync(string key, CancellationToken cancel)
    {
        CameraRun? run;
        lock (_running)
        {
            _running.Remove(key, out run);
        }

        if (run is not null)
        {
            await run.StopAsync();
            lock (_running)
            {
                _nextEpochs[key] = run.Epoch + 1;
            }

            run.Dispose();
        }

        await _parts.ForgetAsync(key, cancel);
    }

    // One that is just ending has not completed its task yet.
    private void EndIfAllHave(CameraRun? ending = null)
    {
        lock (_running)
        {
            if (_running.Count > 0 && _running.Values.All(run => run == ending || run.Ended.IsCompleted))
            {
                _ = _fault is null ? _over.TrySetResult() : _over.TrySetException(_fault);
            }
        }
    }

    private async Task InTurnAsync(Func<Task> step)
    {
        await _lock.WaitAsync(CancellationToken.None);
        try
        {
            await step();
        }
        finally
        {
            _lock.Release();
        }
    }

    [LoggerMessage(LogLevel.Error, "{Camera} has ended by an error of this program's and is not tried again; please report it")]
    private partial void LogEnded(Exception fault, string camera);
}
