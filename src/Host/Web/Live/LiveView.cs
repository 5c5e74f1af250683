using System.Diagnostics.Metrics;
using ActionStream.Core.Media;
using ActionStream.Host.Cameras;
using ActionStream.Host.Configuration;
using ActionStream.Host.Output;
using ActionStream.Inference.Scoring;
using ActionStream.Inference.Serving;
using ActionStream.Ingest.Packets.Gating;
using ActionStream.Publish;
using ActionStream.Publish.Media;
using ActionStream.Publish.Snapshots;
using Microsoft.Extensions.Logging;

namespace ActionStream.Host.Web.Live;

/// <summary>All that the live page shows: it is there before the cameras are, and outlives none of them.</summary>
internal sealed class LiveView : IDisposable
{
    private readonly CancellationTokenSource _closing = new();
    private readonly ILogger _log;
    private readonly ModelAttention _attention = new();
    private SnapshotRequests? _snapshots;

    public LiveView(string node, Meter meter, TimeProvider time, ILoggerFactory log)
    {
        Meter = new(meter);
        Feed = new(node, Product.Version, time, Meter);
        _log = log.CreateLogger<LiveView>();
        Encoder = new(time, Meter, _log);
    }

    public LiveMeter Meter { get; }

    public LiveFeed Feed { get; }

    public LiveEncoder Encoder { get; }

    /// <summary>Kept snapshots of events; null where none are, and before the model is loaded.</summary>
    public MediaStore? Media { get; private set; }

    /// <summary>Tells those who look that it is over.</summary>
    public CancellationToken Closing => _closing.Token;

    /// <summary>Who looks over the cameras' shoulders.</summary>
    public IFrameWatcher Watcher => Encoder;

    /// <summary>The model is loaded and the cameras are known.</summary>
    public void Attach(
        LoadedConfiguration loaded, ModelSlot model, CameraSet cameras, EventSnapshots? snapshots, WakeVotes votes)
    {
        Encoder.OnWatched = (camera, isWatched) => votes.Set(camera, WakeReasons.Watched, isWatched);
        Follow(model);
        foreach (var (key, camera) in loaded.Options.Cameras.Where(camera => camera.Value.Enabled))
        {
            Show(key, camera);
        }

        cameras.OnShown += Show;
        cameras.OnRemoved += key => Feed.Remove(key);
        if (snapshots is not null)
        {
            Media = snapshots.Store;
            if (loaded.Options.Media.Mqtt)
            {
                _snapshots = new(Encoder, snapshots, _log);
            }

            snapshots.OnMade += (id, names) => Feed.OnSnapshots(id, names.SnapshotUrl, names.ContactSheetUrl);
        }
    }

    /// <summary>Publishes the next frame of a camera as its snapshot. False where snapshots do not go to the broker.</summary>
    public bool TakeSnapshot(string camera)
    {
        _snapshots?.Ask(camera);
        return _snapshots is not null;
    }

    /// <summary>Shows the slot's model, and where it looks, whichever it is.</summary>
    internal void Follow(ModelSlot slot)
    {
        Encoder.Attention(_attention);
        slot.Leaving += () => _attention.Use(null);
        slot.Arrived += Arrive;
        Arrive();

        void Arrive()
        {
            _attention.Use(slot.Model.OpenAttention());
            Show(slot.Model);
        }
    }

    private void Show(IClipModel model) => Feed.Show(
        new LiveModel(model.Card.Name, model.Card.Trained, model.Device, model.Card.Labels.Count, _attention.Tokens));

    private void Show(string key, CameraOptions camera)
    {
        Feed.Show(key, camera.Name ?? key, camera.Events.Enter);
        _ = Encoder.Camera(key);
    }

    /// <summary>Ends the answers that never end by themselves.</summary>
    public void Close() => _closing.Cancel();

    public void Dispose()
    {
        _closing.Cancel();
        _snapshots?.Dispose();
        Encoder.Dispose();
        _attention.Dispose();
        _closing.Dispose();
    }
}
