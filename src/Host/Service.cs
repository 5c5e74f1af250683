using System.Diagnostics.Metrics;
using System.Globalization;
using ActionStream.Core.Limits;
using ActionStream.Core.Media;
using ActionStream.Host.Configuration;
using ActionStream.Host.History;
using ActionStream.Host.Machine;
using ActionStream.Host.Output;
using ActionStream.Host.Reload;
using ActionStream.Host.Tracing;
using ActionStream.Host.Web;
using ActionStream.Host.Web.Api;
using ActionStream.Host.Web.Live;
using ActionStream.Inference;
using ActionStream.Inference.Configuration;
using ActionStream.Inference.Scheduling;
using ActionStream.Inference.Serving;
using ActionStream.Ingest.Sources;
using ActionStream.Publish;
using ActionStream.Publish.Metrics;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace ActionStream.Host;

/// <summary>One running ActionStream: model, pipeline, metrics and health, started in the order in which they need each other.</summary>
internal sealed partial class Service : IAsyncDisposable
{
    private static readonly TimeSpan HungLimit = Pipeline.Grace + TimeSpan.FromSeconds(4);

    private readonly Meter _meter;
    private readonly MeterBridge _bridge;
    private readonly ModelSlot _model;
    private readonly Health _health;
    private readonly StatusServer _server;
    private readonly LiveView _live;
    private readonly ReloadMeter _reloads;
    private readonly ILoggerFactory _logs;
    private readonly ILogger<Service> _log;
    private readonly SpareFiles _spare = new();
    private Reloader? _reloader;
    private TraceExport? _traces;
    private HistoryWriter? _history;
    private volatile bool _isHung;

    private Service(
        LoadedConfiguration loaded, Meter meter, MeterBridge bridge, ModelSlot model, Health health, StatusServer server, LiveView live,
        Pipeline pipeline, ReloadMeter reloads, ILoggerFactory logs) =>
        (LoadedConfiguration, _meter, _bridge, _model, _health, _server, _live, Pipeline, _reloads, _logs, _log) =
        (loaded, meter, bridge, model, health, server, live, pipeline, reloads, logs, logs.CreateLogger<Service>());

    public LoadedConfiguration LoadedConfiguration { get; }

    public Pipeline Pipeline { get; }

    /// <summary>Where the model runs.</summary>
    public string Device => _model.Model.Device;

    public int HttpPort => _server.Port;

    /// <param name="source">Where a camera's frames come from, if not from ffmpeg.</param>
    /// <param name="observers">See every decision, after the live page and the traces.</param>
    public static async Task<Service> StartAsync(
        LoadedConfiguration loaded, TimeProvider time, ILoggerFactory log, CancellationToken cancel,
        Func<string, PixelPool, IFrameSource?>? source = null, IReadOnlyList<IDecisionObserver>? observers = null)
    {
        var machine = MachineCheck.Of(loaded.Options, usesFfmpeg: source is null);
        if (machine.Problems.Count > 0)
        {
            throw new UsageException(string.Join(Environment.NewLine, machine.Problems.Select(problem => problem.Message)));
        }

        var health = new Health();
        var meter = new Meter("ActionStream", Product.Version);
        var bridge = new MeterBridge(meter); // before anything counts
        StatusServer? server = null;
        LiveView? live = null;
        LoadedModel? model = null;
        ModelSlot? slot = null;
        HistoryWriter? history = null;
        try
        {
            var reloads = new ReloadMeter(meter, time);
            _ = new ProcessMeter(meter, Product.Version, time);
            live = new LiveView(loaded.Options.Node, meter, time, log);
            Action<IEndpointRouteBuilder> routes = new LiveRoutes(live).Map;
            server = await StatusServer.StartAsync(
                loaded.Options.Http, bridge.WriteAsync, health,
                routes + new HistoryRoutes(loaded.Options.History, time).Map,
                new HttpMeter(meter), log, cancel);

            model = LoadedModel.Load(
                loaded.Folder, loaded.Card, loaded.CardCheck(), loaded.Options.Model, time, log.CreateLogger<LoadedModel>());
            var utilisation = UtilisationOf(loaded, model);
            if (Objection(loaded, utilisation) is { } objection)
            {
                throw new UsageException(objection);
            }

            slot = new(model, time) { Log = log.CreateLogger<ModelSlot>() };
            var waiting = new WaitingCameras(health);
            history = loaded.Options.History.IsOn
                ? new(loaded.Options.History, meter, time, log.CreateLogger<HistoryWriter>())
                : null;
            var beside = (observers ?? []).Concat(history is null ? [] : [history]);
            IDecisionObserver[] all = [live.Feed, waiting, .. Tracers(loaded.Options.Tracing), .. beside];
            var pipeline = new Pipeline(loaded, slot, meter, time, log, source, live.Watcher, all, live.TakeSnapshot);
            health.WatchMedia(() => pipeline.Snapshots?.Store?.Problem);
            health.WatchHistory(() => history?.Problem);
            health.Watch(() => pipeline.Link.LastFault is { } fault ? $"{fault.Reason}, {fault.Message}" : null);
            pipeline.OnModel = health.ModelIs;
            live.Attach(loaded, slot, pipeline.Cameras, pipeline.Snapshots, pipeline.Votes);
            pipeline.Cameras.OnRemoved += waiting.Forget;
            var service = new Service(loaded, meter, bridge, slot, health, server, live, pipeline, reloads, log) { _history = history };
            pipeline.OnHung = service.OnHung;
            service.Trace();
            service.LogStart(utilisation, machine.Notes);
            return service;
        }
        catch
        {
            live?.Close();
            if (history is not null)
            {
                await history.DisposeAsync();
            }

            if (server is not null)
            {
                await server.DisposeAsync();
            }

            live?.Dispose();
            (slot as IDisposable ?? model)?.Dispose();

            bridge.Dispose();
            meter.Dispose();
            throw;
        }
    }

    private static double UtilisationOf(LoadedConfiguration loaded, LoadedModel model) =>
        Pipeline.PlanOf(loaded, model).Utilisation(Pipeline.Demands(loaded));

    private static string? Objection(LoadedConfiguration loaded, double utilisation) =>
        loaded.Options.Model.Admission == Admission.Refuse && utilisation > LoadPolicy.Comfortable
            ? Inadmissible(utilisation) + ". Use fewer cameras, a longer hop or a smaller model; or set admission: warn"
            : null;

    private static string Inadmissible(double utilisation) => string.Create(
        CultureInfo.InvariantCulture,
        $"the cameras ask for {utilisation:p0} of the model's time on this machine, and {LoadPolicy.Comfortable:p0} is what "
        + $"leaves room for decoding and bursts");

    /// <summary>Takes on what changes in the file from here on.</summary>
    public void Follow(ConfigWatch watch, LogSwitch level) => _reloader = new(
        watch, LoadedConfiguration, Pipeline, ObjectionWhileRunning, level, _reloads, _health, _logs.CreateLogger<Reloader>());

    public async Task RunAsync(CancellationToken stop, CancellationToken leave)
    {
        using var fail = CancellationTokenSource.CreateLinkedTokenSource(leave);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop, leave);
        try
        {
            var running = Pipeline.RunAsync(stop, fail.Token);
            var following = _reloader?.RunAsync(end.Token) ?? Task.CompletedTask;
            _health.Ready();
            LogReady(
                LoadedConfiguration.Options.Cameras.Count(camera => camera.Value.Enabled), LoadedConfiguration.Card.Name, Device,
                LoadedConfiguration.Options.Http.Address, _server.Port);
            await using var _ = stop.Register(_health.Stopping);
            await using var give = stop.Register(_spare.Dispose);
            await (following.IsCompleted ? running : Task.WhenAny(running, following));
            // a fault there is ours, and what runs may be half of each configuration
            await (following.IsFaulted ? fail : end).CancelAsync();
            await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await (following.IsFaulted ? Task.WhenAll(following, running) : running);
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            _health.Failed(failed);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _spare.Dispose();
        _live.Close();
        await _server.DisposeAsync();
        if (_history is not null)
        {
            await _history.DisposeAsync(); // what ran has ended, or never will
        }

        if (_isHung)
        {
            return; // the rest belongs to a thread that never returns; the process leaves
        }

        _live.Dispose();
        await Pipeline.DisposeAsync();
        _model.Dispose();
        _traces?.Dispose();
        _bridge.Dispose();
        _meter.Dispose();
    }

    // A stop takes at most as long as one that was asked for; whatever waits longer is stuck too.
    private void OnHung(ModelHungException hung)
    {
        _isHung = true;
        _health.Failed(hung);
        LogHung(hung.Message);
        _ = Task.Delay(HungLimit, TimeProvider.System).ContinueWith(
            _ => ProcessExit.Now(ExitCode.Hung), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private static IEnumerable<IDecisionObserver> Tracers(TracingOptions options) =>
        TraceExport.IsWanted(options) ? [new DecisionTracer()] : [];

    private void Trace() => _traces = TraceExport.Start(
        LoadedConfiguration.Options.Tracing, LoadedConfiguration.Options.Node, _meter, _logs.CreateLogger<TraceExport>());

    private string? ObjectionWhileRunning(LoadedConfiguration wanted, LoadedModel? next)
    {
        if (MachineCheck.TooFewFiles(wanted.Options, OpenFiles.Limit) is { } tooFew)
        {
            return tooFew;
        }

        var utilisation = UtilisationOf(wanted, next ?? (LoadedModel)_model.Model);
        var objection = Objection(wanted, utilisation);
        if (objection is null)
        {
            WarnOf(utilisation);
        }

        return objection;
    }

    private void WarnOf(double utilisation)
    {
        if (utilisation > LoadPolicy.Comfortable)
        {
            LogTooMuch(Inadmissible(utilisation));
        }
    }

    private void LogStart(double utilisation, IReadOnlyList<string> notes)
    {
        WarnOf(utilisation);
        if (LoadedConfiguration.Options.Http is { Live: true, WhyClosed: { } why })
        {
            LogClosed(why);
        }

        if (!LoadedConfiguration.Card.Trained)
        {
            LogUntrained(LoadedConfiguration.Card.Name, LoadedConfiguration.Card.Source);
        }

        foreach (var note in LoadedConfiguration.Options.Notes().Concat(notes))
        {
            LogNote(note);
        }

        foreach (var (key, camera) in LoadedConfiguration.Options.Cameras)
        {
            if (!camera.Enabled)
            {
                LogDisabled(key);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Ready: {Cameras} cameras, model {Model} on {Device}, http://{Address}:{Port}/")]
    private partial void LogReady(int cameras, string model, string device, string address, int port);

    [LoggerMessage(LogLevel.Critical, "{Problem}")]
    private partial void LogHung(string problem);

    [LoggerMessage(LogLevel.Warning, "Load: {Problem}; cameras will be decided less often, by priority")]
    private partial void LogTooMuch(string problem);

    [LoggerMessage(LogLevel.Warning, "{Why} Until then it is closed; /metrics and /health answer")]
    private partial void LogClosed(string why);

    [LoggerMessage(LogLevel.Warning, "Model {Model} is UNTRAINED ({Source}): its labels mean nothing")]
    private partial void LogUntrained(string model, string source);

    [LoggerMessage(LogLevel.Warning, "{Note}")]
    private partial void LogNote(string note);

    [LoggerMessage(LogLevel.Information, "{Camera} is switched off (enabled: false)")]
    private partial void LogDisabled(string camera);
}
