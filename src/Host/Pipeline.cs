using System.Diagnostics.Metrics;
using ActionStream.Core.Media;
using ActionStream.Core.Results;
using ActionStream.Core.Retrying;
using ActionStream.Core.Stages;
using ActionStream.Host.Cameras;
using ActionStream.Host.Configuration;
using ActionStream.Host.Output;
using ActionStream.Inference;
using ActionStream.Inference.Metrics;
using ActionStream.Inference.Scheduling;
using ActionStream.Inference.Serving;
using ActionStream.Ingest;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Packets.Gating;
using ActionStream.Ingest.Recording;
using ActionStream.Ingest.Sources;
using ActionStream.Publish;
using ActionStream.Publish.EventRecordings;
using ActionStream.Publish.Mqtt.Messages;
using ActionStream.Publish.Mqtt.Sending;
using ActionStream.Publish.Snapshots;
using Microsoft.Extensions.Logging;

namespace ActionStream.Host;

/// <summary>The frame in ARCHITECTURE.md as code: cameras, one schedule of clips, workers, one queue of scores, the publisher.</summary>
internal sealed partial class Pipeline : ICameraControls, IAsyncDisposable
{
    /// <summary>From the request to stop until what still runs is cut off.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan RingMargin = TimeSpan.FromSeconds(15);

    private readonly PixelPool _pool = new();
    private readonly ReachabilityCheck _check;
    private readonly ClipSchedule _clips;
    private readonly StageChannel<ClipScores> _scores;
    private readonly InferenceStage _inference;
    private readonly LoadGuard _guard;
    private readonly Func<string, bool>? _takeSnapshot;
    private readonly WakeCommands _wakes;

    /// <param name="watcher">Sees every frame that is read.</param>
    /// <param name="observers">See every decision.</param>
    /// <param name="takeSnapshot">Publishes a snapshot of a camera, or answers false; null where nobody can.</param>
    /// <param name="source">Where a camera's frames come from; null or a null answer for ffmpeg.</param>
    public Pipeline(
        LoadedConfiguration loaded, ModelSlot slot, Meter meter, TimeProvider time, ILoggerFactory log,
        Func<string, PixelPool, IFrameSource?>? source = null,
        IFrameWatcher? watcher = null, IReadOnlyList<IDecisionObserver>? observers = null, Func<string, bool>? takeSnapshot = null)
    {
        var model = (LoadedModel)slot.Model;
        (_takeSnapshot, _slot, _workers, _logs, _time) = (takeSnapshot, slot, model.Workers, log, time);
        var options = loaded.Options;
        var cameras = options.Cameras.Where(camera => camera.Value.Enabled).ToArray();
        var keys = cameras.Select(camera => camera.Key).ToArray();
        ClipsMeter = new StageMeter(
            meter, "inference", DropReason.QueueFull, DropReason.Deadline, DropReason.LoadShed, DropReason.InvalidOutput,
            DropReason.Stopped);
        ScoresMeter = new StageMeter(meter, "publish", DropReason.Stopped);
        Ingest = new IngestMeters(meter);

        var inference = new InferenceMeter(meter, keys);
        var demands = Demands(loaded);
        Array.ForEach(cameras, camera => slot.WantAttention(camera.Key, camera.Value.Zones.Count > 0));

        // Windows of one stream that share tokens are worked on one after the other; whole ones need not be.
        _clips = new ClipSchedule(
            demands, new(InFlight: model.Costs.KeepsTokens ? 1 : model.Workers), slot, ClipsMeter, inference, time);
        _scores = new(new(64, DropPolicy.None), ScoresMeter);

        Link = new MqttLink(options.Mqtt, options.Node, meter, time, new Random(), log.CreateLogger<MqttLink>());
        var ffmpeg = new FfmpegEnvironment(new FfmpegLauncher(time), () => FfmpegTool.Find(), _pool, time);
        var node = new NodeIdentity(options.Node, Guid.NewGuid().ToString("N")[..12], Product.Version, model.Device);
        Snapshots = OpenMedia(loaded, Link, new SnapshotMeter(meter), time, log);
        var clipMeter = new EventRecordingMeter(meter);
        if (Snapshots?.Store is { } store && options.Media.Recordings.Enabled)
        {
            Buffer = OpenBuffer(loaded, ffmpeg, log);
            clipMeter.Observe(() => Buffer.Bytes, () => Buffer.LeftOut);
            Recorder = new(
                options.Media.Recordings, Buffer, store, loaded.Card, node, Link.Outbox, Link.Topics, clipMeter, time,
                log.CreateLogger<EventRecorder>());
        }

        Publisher = new PublishStage(
            _scores,
            [.. cameras.Select(camera => CameraParts.Published(loaded, camera.Key, camera.Value))],
            node, Link, ScoresMeter, meter, time, log.CreateLogger<PublishStage>(), [new EventVotes(Votes), .. observers ?? []], this)
        { Snapshots = Snapshots, Recorder = Recorder };
        _runs = new(model.Workers, options.Model.RunTimeout, slot.Terminate, () => slot.Model.Device, time);
        _inference = new InferenceStage(
            slot, model.Workers, _clips, _scores, ClipsMeter, inference, time,
            log.CreateLogger<InferenceStage>())
        { PassesClips = options.Media.AreDrawn, Watch = _runs };

        _exchange = new(slot, _clips, _scores);
        _models = new(meter);
        _recovery = new(
            slot, _exchange, LoaderOf(loaded), this, _models, new Backoff(), new Random(), time, log.CreateLogger<ModelRecovery>())
        { OnHung = _runs.Declare };
        _guard = new(_clips, PlanOf(loaded, model), Publisher, meter, time, log.CreateLogger<LoadGuard>());

        var services = new IngestServices(
            ffmpeg, new ConnectLimiter(time), Ingest, ReconnectingSource.CameraBackoff, new Random(), log)
        { Watcher = watcher, Buffer = Buffer, Check = _check = new(time), Heartbeats = Publisher, Votes = Votes };
        _wakes = new(Votes, time);
        Cameras = new(
            new(loaded, slot, _clips, inference, Publisher, services, key => source?.Invoke(key, _pool)), cameras.ToDictionary())
        { OnRemoved = Votes.Forget };
    }

    /// <summary>What the cameras that are switched on ask of the scheduler.</summary>
    public static IReadOnlyList<StreamDemand> Demands(LoadedConfiguration loaded) =>
        [.. loaded.Options.Cameras.Where(camera => camera.Value.Enabled)
            .Select(camera => camera.Value.DemandOf(camera.Key, loaded.Card.Input, loaded.Options.Model.Batch))];

    public static CapacityPlan PlanOf(LoadedConfiguration loaded, LoadedModel model) =>
        new(model.Costs, model.Workers, loaded.Card.Input.Frames, model.Costs.KeepsTokens ? loaded.Card.Streaming!.Tubelet : 1);

    /// <summary>The cameras, which may change while it runs.</summary>
    public CameraSet Cameras { get; }

    /// <summary>Who wants which camera awake.</summary>
    public WakeVotes Votes { get; } = new();

    public PublishStage Publisher { get; }

    public MqttLink Link { get; }

    /// <summary>Who makes snapshots of events; null where nobody is to have any.</summary>
    public EventSnapshots? Snapshots { get; }

    /// <summary>Who makes recordings of events; null where nobody is to have any.</summary>
    public EventRecorder? Recorder { get; }

    /// <summary>What cameras sent lately; null likewise.</summary>
    public RecordingBuffers? Buffer { get; }

    public IngestMeters Ingest { get; }

    /// <summary>What entered and left the queue of clips.</summary>
    public StageMeter ClipsMeter { get; }

    /// <summary>What entered and left the queue of scores.</summary>
    public StageMeter ScoresMeter { get; }

    /// <summary>Runs until the sources end or <paramref name="stop"/> ends them; then drains. A stage that fails takes all down.</summary>
    public async Task RunAsync(CancellationToken stop, CancellationToken leave)
    {
        using var abort = CancellationTokenSource.CreateLinkedTokenSource(leave);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop, abort.Token);
        await using var grace = stop.Register(() => abort.CancelAfter(Grace));
        await using var hurry = stop.Register(() => _runs.Hurry(Grace / 2, RunWatch.Grace));
        await using var haste = leave.Register(() => _runs.Hurry(TimeSpan.Zero, TimeSpan.FromSeconds(1)));
        using var done = new CancellationTokenSource();
        var watchingRuns = Task.WhenAll(_runs.RunAsync(done.Token), LeaveIfHungAsync(end, abort, done.Token));

        Task[] running = [RunCamerasAsync(end.Token), _inference.RunAsync(abort.Token), PublishAsync(abort.Token)];
        using var watch = CancellationTokenSource.CreateLinkedTokenSource(end.Token);
        Task[] watching =
            [_guard.RunAsync(watch.Token), _recovery.RunAsync(watch.Token), Buffer?.RunAsync(watch.Token) ?? Task.CompletedTask];
        var left = running.Length;
        await foreach (var ended in Task.WhenEach(running.Concat(watching)))
        {
            if (ended.IsFaulted)
            {
                await abort.CancelAsync();
            }

            if (running.Contains(ended) && --left == 0)
            {
                await watch.CancelAsync(); // they have nothing left to watch
            }
        }

        await done.CancelAsync();
        await watchingRuns.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_runs.Hung.IsCompletedSuccessfully)
        {
            throw await _runs.Hung;
        }

        running = [.. running, .. watching];

        if (Array.Find(running, task => task.IsFaulted) is { } failed)
        {
            await failed; // the reason that is logged
        }
    }

    void ICameraControls.Switch(string camera, bool isOn) => Cameras.Switch(camera, isOn);

    bool ICameraControls.TakeSnapshot(string camera) => _takeSnapshot?.Invoke(camera) == true;

    bool ICameraControls.Wake(string camera, TimeSpan time)
    {
        _wakes.Wake(camera, time);
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        Cameras.Dispose();
        _wakes.Dispose();
        _exchange.Dispose();
        await _clips.DisposeAsync();
        await _scores.DisposeAsync();
        Link.Dispose();
        Snapshots?.Dispose();
        Buffer?.Dispose();
        _check.Dispose();
        _pool.Dispose();
    }

    private static EventSnapshots? OpenMedia(
        LoadedConfiguration loaded, MqttLink link, SnapshotMeter meter, TimeProvider time, ILoggerFactory log)
    {
        var options = loaded.Options.Media;
        try
        {
            return options.AreWanted
                ? new(options, loaded.Card, link.Outbox, link.Topics, meter, time, log.CreateLogger<EventSnapshots>())
                : null;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"media.path is {options.Path}; it cannot be used: {failed.Message}");
        }
    }

    // Pieces are kept a little longer than the longest clip: they are cut at key frames, and joining may have to wait for others.
    private static RecordingBuffers OpenBuffer(LoadedConfiguration loaded, FfmpegEnvironment ffmpeg, ILoggerFactory log)
    {
        var clips = loaded.Options.Media.Recordings;
        var folder = loaded.Options.Media.BufferFolder(loaded.Options.Node);
        try
        {
            return new(new(folder, clips.Longest + RingMargin, clips.BufferBytes), ffmpeg, log.CreateLogger<RecordingBuffers>());
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"media.recordings.buffer is {folder}; it cannot be used: {failed.Message}");
        }
    }

    private async Task PublishAsync(CancellationToken cancel)
    {
        var drawing = Task.WhenAll(Snapshots?.RunAsync(cancel) ?? Task.CompletedTask, Recorder?.RunAsync(cancel) ?? Task.CompletedTask);
        try
        {
            await Publisher.RunAsync(cancel);
        }
        finally
        {
            Snapshots?.Complete();
            Recorder?.Complete();
        }

        await drawing;
    }

    private async Task RunCamerasAsync(CancellationToken stop)
    {
        try
        {
            await Cameras.RunAsync(stop);
        }
        finally
        {
            _clips.Complete();
        }
    }
}
