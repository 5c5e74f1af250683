using ActionStream.Core.Results;
using ActionStream.Host.Cameras;
using ActionStream.Host.Configuration;
using ActionStream.Host.Reload;
using ActionStream.Inference;
using ActionStream.Inference.Configuration;
using ActionStream.Inference.Serving;
using Microsoft.Extensions.Logging;

namespace ActionStream.Host;

/// <content>The model under the running cameras: exchanged, lost and found again, or hung.</content>
internal sealed partial class Pipeline : IProgress<ModelStatus>, IRunning
{
    private readonly ModelSlot _slot;
    private readonly int _workers;
    private readonly ILoggerFactory _logs;
    private readonly TimeProvider _time;
    private readonly RunWatch _runs;
    private readonly ModelExchange _exchange;
    private readonly ModelRecovery _recovery;
    private readonly ModelMeter _models;

    /// <summary>Called when the model is lost, back, or somewhere else.</summary>
    public Action<ModelStatus>? OnModel { get; set; }

    /// <summary>Called when a run never returned: what follows is a stop in bounded time.</summary>
    public Action<ModelHungException>? OnHung { get; set; }

    /// <inheritdoc />
    public async Task<LoadedModel> LoadAsync(LoadedConfiguration wanted, CancellationToken cancel) => (LoadedModel)await new ModelLoader(
        _ => Prepared(Load(wanted, wanted.Options.Model, null), wanted), mayUseCpu: false, _workers, _time).LoadAsync(onCpu: false, cancel);

    /// <inheritdoc />
    public void Prepare(LoadedConfiguration wanted) => Prepare((LoadedModel)_slot.Model, wanted);

    /// <inheritdoc />
    /// <remarks>Cameras that stay keep their connections, unless the models want other frames.</remarks>
    public async Task ExchangeAsync(
        LoadedConfiguration running, LoadedConfiguration wanted, LoadedModel next, CameraChanges changes, CancellationToken cancel)
    {
        var all = wanted.Options.Cameras.Where(camera => camera.Value.Enabled).ToDictionary();
        var steps = changes;
        if (running.Card.Input != wanted.Card.Input)
        {
            steps = changes with
            {
                Restarted = all.Where(camera => !changes.Added.ContainsKey(camera.Key)).ToDictionary(),
                Retuned = new Dictionary<string, CameraOptions>(),
            };
        }

        var started = steps.Starting.Select(camera => camera.Key).ToHashSet(StringComparer.Ordinal);
        var isOffered = false;
        try
        {
            await Cameras.ApplyAsync(steps, PutAsync, cancel);
        }
        finally
        {
            if (!isOffered)
            {
                next.Dispose();
            }
        }

        Task PutAsync(CancellationToken until)
        {
            isOffered = true;
            return _exchange.PutAsync(next, LoaderOf(wanted).InFlightOf(next), Between, until);
        }

        void Between()
        {
            _recovery.Loader = LoaderOf(wanted);
            _guard.Plan = PlanOf(wanted, next) with { Workers = _workers };
            Snapshots?.Use(wanted.Card);
            Recorder?.Use(wanted.Card);
            Cameras.Use(wanted);
            Cameras.Change(all.Where(camera => !started.Contains(camera.Key)));
            ((IProgress<ModelStatus>)this).Report(new(ModelState.Ready, next.Device));
        }
    }

    /// <inheritdoc />
    public void CountChange(bool isTaken) => _models.Changed(isTaken);

    void IProgress<ModelStatus>.Report(ModelStatus value)
    {
        _guard.Plan = _guard.Plan with { Costs = _slot.Costs }; // a CPU that stands in for a GPU can do less
        Publisher.Report(value);
        OnModel?.Invoke(value);
    }

    // Where the device is of its own choice, what was on a GPU is to be there again: the CPU is asked for by name.
    private ModelLoader LoaderOf(LoadedConfiguration loaded)
    {
        var (options, isOnGpu) = (loaded.Options.Model, _slot.Model.IsGpu);
        return new(
            onCpu => onCpu
                ? Load(loaded, OnCpu(options), DeviceRequest.Cpu)
                : Load(loaded, options, isOnGpu && options.Device is DeviceRequest.Auto ? DeviceRequest.Cuda : null),
            mayUseCpu: options.Device is DeviceRequest.Auto, _workers, _time);
    }

    private LoadedModel Load(LoadedConfiguration loaded, InferenceOptions options, DeviceRequest? on) => LoadedModel.Load(
        loaded.Folder, loaded.Card, loaded.CardCheck(), options, _time, _logs.CreateLogger<LoadedModel>(), on);

    private static LoadedModel Prepared(LoadedModel model, LoadedConfiguration wanted)
    {
        try
        {
            Prepare(model, wanted);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static void Prepare(LoadedModel model, LoadedConfiguration wanted)
    {
        if (wanted.Options.Cameras.Values.Any(camera => camera.Enabled && camera.Zones.Count > 0))
        {
            model.PrepareAttention();
        }
    }

    // As many workers as the GPU had, so each gets its share of the cores.
    private InferenceOptions OnCpu(InferenceOptions options) =>
        options with { Threads = Math.Max(options.Threads, Environment.ProcessorCount / _workers) };

    // A run that never returns: the cameras end, what waits is shed, and the rest drains past the worker that is stuck.
    private async Task LeaveIfHungAsync(CancellationTokenSource end, CancellationTokenSource abort, CancellationToken cancel)
    {
        var hung = await _runs.Hung.WaitAsync(cancel);
        OnHung?.Invoke(hung);
        _ = _clips.CloseAsync(); // completes when the last run ends, so perhaps never
        await end.CancelAsync();
        abort.CancelAfter(Grace);
    }
}
