using System.Diagnostics.Metrics;
using ActionStream.Core.Media;
using ActionStream.Core.Results;
using ActionStream.Core.Stages;
using ActionStream.Host.Configuration;
using ActionStream.Inference;
using ActionStream.Ingest;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Publish;
using ActionStream.Publish.Mqtt;
using Microsoft.Extensions.Logging;

namespace ActionStream.Host;

/// <summary>The picture in ARCHITECTURE.md as code: cameras, one queue of clips, workers, one queue of scores, the publisher.</summary>
internal sealed class Pipeline : IAsyncDisposable
{
    /// <summary>From the request to stop until what still runs is cut off.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(8);

    private readonly PixelPool _pool = new();
    private readonly OpenGate _gate = new();
    private readonly StageChannel<Clip> _clips;
    private readonly StageChannel<ClipScores> _scores;
    private readonly IReadOnlyList<IngestStage> _cameras;
    private readonly InferenceStage _inference;

    public Pipeline(Setup setup, LoadedModel model, Meter meter, TimeProvider time, ILoggerFactory log)
    {
        var options = setup.Options;
        var cameras = options.Cameras.Where(camera => camera.Value.Enabled).ToArray();
        var keys = cameras.Select(camera => camera.Key).ToArray();
        ClipsMeter = new StageMeter(meter, "inference", DropReason.QueueFull, DropReason.Deadline, DropReason.InvalidOutput, DropReason.Stopped);
        ScoresMeter = new StageMeter(meter, "publish", DropReason.Stopped);
        Ingest = new IngestMeters(meter);

        // Two clips per camera: one that a worker is about to take, and the newest. More would only be older.
        _clips = new(new(Math.Max(4, 2 * keys.Length), DropPolicy.Oldest, model.Workers), ClipsMeter);
        _scores = new(new(64, DropPolicy.None), ScoresMeter);

        Link = new MqttLink(options.Mqtt, options.Node, meter, time, new Random(), log.CreateLogger<MqttLink>());
        Publisher = new PublishStage(
            _scores,
            [.. cameras.Select(camera => new PublishedStream(camera.Key, setup.Card, camera.Value.Events))],
            new NodeIdentity(options.Node, Guid.NewGuid().ToString("N")[..12], Product.Version, Product.Packages, model.Device),
            Link, ScoresMeter, meter, time, log.CreateLogger<PublishStage>());
        _inference = new InferenceStage(
            model, model.Policy, model.Workers, _clips.Reader, _scores, ClipsMeter, new InferenceMeter(meter, keys), time,
            log.CreateLogger<InferenceStage>());

        var services = new IngestServices(
            new FfmpegEnvironment(new FfmpegProvider(time), () => FfmpegTool.Find(), _pool, time), _gate, Ingest, new Backoff(), new Random(), log);
        var input = setup.Card.Input;
        _cameras =
        [
            .. cameras.Select(camera => IngestStage.Create(
                camera.Key, camera.Value, camera.Value.Window.For(input),
                new PictureSpec(camera.Value.Interval ?? input.Interval, input.Size, input.Fit), services, _clips, Publisher)),
        ];
    }

    public PublishStage Publisher { get; }

    public MqttLink Link { get; }

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

        Task[] running = [RunCamerasAsync(end.Token), _inference.RunAsync(abort.Token), Publisher.RunAsync(abort.Token)];
        await foreach (var ended in Task.WhenEach(running))
        {
            if (ended.IsFaulted)
            {
                await abort.CancelAsync();
            }
        }

        if (Array.Find(running, task => task.IsFaulted) is { } failed)
        {
            await failed; // the reason that is logged
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _clips.DisposeAsync();
        await _scores.DisposeAsync();
        _gate.Dispose();
        _pool.Dispose();
    }

    private async Task RunCamerasAsync(CancellationToken stop)
    {
        try
        {
            await Task.WhenAll(_cameras.Select(camera => camera.RunAsync(stop)));
        }
        finally
        {
            _clips.Complete();
        }
    }
}
