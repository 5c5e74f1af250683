using ActionStream.Ingest;
using ActionStream.Ingest.Onvif;
using ActionStream.Ingest.Sources;

namespace ActionStream.Host.Cameras;

/// <summary>One camera that runs, with the way to stop it alone.</summary>
/// <param name="power">Its switch; the run owns it.</param>
/// <param name="motion">Listens to what the camera itself reports as motion, as long as it runs; null for nobody.</param>
internal sealed class CameraRun(IngestStage stage, CameraSwitch power, OnvifMotion? motion, CancellationToken stopAll) : IDisposable
{
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(stopAll);

    /// <summary>The connection that stands or is being tried.</summary>
    public int Epoch => stage.Epoch;

    /// <summary>Runs out when its source has come to its end or it was stopped.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <param name="ended">Called at the end, whatever the reason; null for a good one.</param>
    public void Start(Action<Exception?> ended) => Ended = RunAsync(ended);

    /// <summary>Stops it and waits until its child is gone.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Ended;
    }

    /// <summary>Closes its connection, or lets it open another.</summary>
    public void Switch(bool isOn) => power.Set(isOn);

    public void Dispose()
    {
        _stop.Dispose();
        power.Dispose();
    }

    private async Task RunAsync(Action<Exception?> ended)
    {
        await Task.Yield(); // starting a child takes its time, and others want to start too
        Exception? fault = null;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var listening = motion?.RunAsync(over.Token) ?? Task.CompletedTask;
        try
        {
            await stage.RunAsync(_stop.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Asked to leave.
        }
        catch (Exception broken)
        {
            fault = broken; // a stage reports its camera's faults itself, so this one is ours
        }

        await over.CancelAsync();
        await listening;
        ended(fault);
    }
}
