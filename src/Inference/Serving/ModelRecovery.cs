using ActionStream.Core.Results;
using ActionStream.Core.Retrying;
using ActionStream.Inference.Scoring;
using Microsoft.Extensions.Logging;

namespace ActionStream.Inference.Serving;

/// <summary>Brings back a model whose runs fail for good: closes its sessions, turns windows away, and loads it again, ever more
/// patiently, until it works; meanwhile on the CPU, where that is allowed.</summary>
/// <param name="chance">Spreads the tries.</param>
public sealed partial class ModelRecovery(
    ModelSlot slot, ModelExchange exchange, ModelLoader loader, IProgress<ModelStatus> report, ModelMeter meter, Backoff backoff,
    Random chance, TimeProvider time, ILogger<ModelRecovery> log)
{
    private int _attempt;
    private long _lastAt;
    private IClipModel? _standIn;

    /// <summary>How the model that is to run is loaded. Another one whenever the configuration names another.</summary>
    public ModelLoader Loader { get; set; } = loader;

    // Somebody else, who alone can be the configuration, has put another in.
    private bool IsSettled => !slot.IsEmpty && !ReferenceEquals(slot.Model, _standIn);

    /// <summary>Called when loading the model again never returns: nothing in this process will.</summary>
    public Action<ModelHungException>? OnHung { get; init; }

    public async Task RunAsync(CancellationToken cancel)
    {
        await foreach (var fault in slot.Faults.ReadAllAsync(cancel))
        {
            if (ReferenceEquals(fault.Model, slot.Model) && !slot.IsEmpty)
            {
                await RecoverAsync(fault, cancel);
            }
        }
    }

    private async Task RecoverAsync(ModelFault fault, CancellationToken cancel)
    {
        var (device, mayFallBack) = (fault.Model.Device, fault.Model.IsGpu && Loader.MayUseCpu);
        var reason = fault.Reason.Message.Split('\n')[0];
        if (!await exchange.TakeAwayAsync(fault.Model, Lost, cancel))
        {
            return; // exchanged while it failed
        }

        // One that comes back only to fail again must not be loaded without a pause.
        var since = time.GetTimestamp();
        if (_lastAt == 0 || time.GetElapsedTime(_lastAt) > backoff.HealthyAfter)
        {
            _attempt = 0;
        }

        while (true)
        {
            if (_attempt++ > 0)
            {
                await Task.Delay(backoff.Delay(_attempt - 1, time.GetElapsedTime(since), chance.NextDouble()), time, cancel);
            }

            if (IsSettled)
            {
                _standIn = null;
                return;
            }

            var problem = await TryPutAsync(onCpu: false, Back, cancel);
            if (problem is null)
            {
                return;
            }

            LogStillLost(device, problem);
            if (mayFallBack && slot.IsEmpty)
            {
                await TryPutAsync(onCpu: true, StoodIn, cancel);
            }
        }

        void Lost()
        {
            LogLost(device, reason);
            meter.Lost(fault.Reason.Reason);
            report.Report(new(ModelState.Lost, device, reason));
        }

        void Back()
        {
            (_standIn, _lastAt) = (null, time.GetTimestamp());
            LogBack(slot.Model.Device);
            report.Report(new(ModelState.Ready, slot.Model.Device));
        }

        void StoodIn()
        {
            _standIn = slot.Model;
            LogFallback(device);
            report.Report(new(ModelState.Fallback, slot.Model.Device, reason));
        }
    }

    /// <param name="isIn">Called before anybody else can put another in.</param>
    /// <returns>Why not; null if it runs, or another does.</returns>
    private async Task<string?> TryPutAsync(bool onCpu, Action isIn, CancellationToken cancel)
    {
        var loader = Loader;
        try
        {
            var next = await loader.LoadAsync(onCpu, cancel);
            await exchange.PutAsync(next, loader.InFlightOf(next), isIn, cancel, () => ReferenceEquals(loader, Loader) && !IsSettled);
            return null;
        }
        catch (TimeoutException)
        {
            OnHung?.Invoke(new(ModelLoader.Limit, ModelLoader.Limit, slot.Model.Device)); // the device does not even answer
            await Task.Delay(Timeout.InfiniteTimeSpan, time, cancel); // until the pipeline has ended
            throw;
        }
        catch (Exception refused) when (refused is not OperationCanceledException) // whatever it is, another try may work
        {
            return refused.Message.Split('\n')[0];
        }
    }

    [LoggerMessage(LogLevel.Error, "The model's runs on {Device} fail for good: {Reason}. Nothing is decided until it is loaded again")]
    private partial void LogLost(string device, string reason);

    [LoggerMessage(LogLevel.Warning, "The model cannot be loaded on {Device} again yet: {Problem}")]
    private partial void LogStillLost(string device, string problem);

    [LoggerMessage(LogLevel.Warning, "{Device} is gone: the model runs on the CPU until it is back, and decides less often")]
    private partial void LogFallback(string device);

    [LoggerMessage(LogLevel.Information, "The model runs on {Device} again")]
    private partial void LogBack(string device);
}
