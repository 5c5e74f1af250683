using System.Threading.Channels;
using ActionStream.Core.Media;
using ActionStream.Core.Results;
using ActionStream.Core.Retrying;
using ActionStream.Core.Stages;
using ActionStream.Ingest;
using ActionStream.Ingest.Quality;
using ActionStream.Ingest.Sources;
using ActionStream.Ingest.Windowing;
using ActionStream.Unit.Ingest;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Core.Stages;

/// <summary>
/// One camera: frames in, clips out, into a queue that other cameras may share. Blocked, one frame has completed three
/// clips and there is room for one.
/// </summary>
/// <remarks>
/// Its own queue, the handover from the reader's thread, lives as long as one connection; what is shown is the one it
/// fills.
/// </remarks>
internal sealed class IngestRig : StageRig, IProgress<StreamStatus>
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(125);

    private readonly FakeClock _clock = new();
    private readonly Channel<Frame> _frames = Channel.CreateBounded<Frame>(64);
    private readonly StageChannel<Clip> _clips;
    private readonly TimeSpan _distance;
    private int _offered;

    public IngestRig(bool blocks)
    {
        _distance = blocks ? 3 * Interval : Interval;
        _clips = new(new(blocks ? 1 : 64, DropPolicy.None), new StageMeter(Meter, "inference"));
        var meter = new IngestMeters(Meter).ForCamera("cam");
        var status = new StatusTracker("cam", Interval, this, meter, _clock);
        var source = new ReconnectingSource(
            new ScriptedSource((_, cancel) => _frames.Reader.ReadAllAsync(cancel)), new Backoff(), endsByItself: true, status, _clock,
            new Random(1), new LogLines<ReconnectingSource>());
        ClipAssembler Assemble() => new("cam", new(2, Interval, Hop: 1), ScriptedSource.Size, _clock);
        var windows = new CameraWindows(Assemble, new(new QualityOptions { MinScore = 0 }), meter, status, _clock);
        Stage = new IngestStage("cam", source, windows, _clips, new LogLines<IngestStage>());
    }

    public override IStage Stage { get; }

    public override PixelPool Pool { get; } = new();

    public override StageMetrics Metrics { get; } = new(
        "actionstream.camera.frames.received camera=cam", "actionstream.frames.dropped camera=cam reason=duplicate",
        "actionstream.frame.age camera=cam", "actionstream.queue.length stage=inference");

    public override async Task OfferAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await _frames.Writer.WriteAsync(ScriptedSource.Frame(Pool, 0, _distance * _offered++, _clock.GetTimestamp()));
        }
    }

    public override Task OfferBadAsync()
    {
        _offered--; // the same place on the grid once more
        return OfferAsync(1);
    }

    public override void EndInput() => _frames.Writer.Complete();

    public override Task BlockedAsync() => Until(() => Counts.Sum("actionstream.stage.items stage=inference") == 2);

    // Cameras come and go; whoever runs them all completes their queue.
    public override Task? OutputEnded(bool isStopped)
    {
        if (!isStopped)
        {
            Assert.True(_clips.Reader.TryPeek(out _)); // still open, and its clips still there
            Assert.False(_clips.Reader.Completion.IsCompleted);
        }

        return null;
    }

    public override (long In, long Out) Balance() => (
        Counts.Sum("actionstream.windows.created"),
        Counts.Sum("actionstream.stage.items stage=inference") + Counts.Sum("actionstream.windows.skipped"));

    public override async Task CloseAsync()
    {
        await _clips.DisposeAsync();
        while (_frames.Reader.TryRead(out var left)) // never given out by the source
        {
            left.Dispose();
        }
    }

    void IProgress<StreamStatus>.Report(StreamStatus value)
    {
    }
}
