using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using ActionStream.Core.Results;
using ActionStream.Core.Stages;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Packets.Gating;
using ActionStream.Ingest.Quality;
using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest;

/// <summary>The instruments of all cameras, created once; a camera's own view is <see cref="CameraMeter"/>.</summary>
public sealed class IngestMeters
{
    private readonly ConcurrentDictionary<string, CameraMeter> _cameras = new();

    public IngestMeters(Meter meter)
    {
        Received = meter.CreateCounter<long>("actionstream.camera.frames.received", "{frame}", "Frames read, after thinning.");
        Reconnects = meter.CreateCounter<long>("actionstream.camera.reconnects", "{connection}", "Connections lost, by reason.");
        Lines = meter.CreateCounter<long>("actionstream.camera.ffmpeg.lines", "{line}", "Lines ffmpeg wrote to standard error.");
        Dropped = meter.CreateCounter<long>("actionstream.frames.dropped", "{frame}", "Frames shed before windowing, by reason.");
        Flawed = meter.CreateCounter<long>(
            "actionstream.camera.frames.flawed", "{frame}", "Sampled frames with a fault that lies in the frame, by reason.");
        Decoders = meter.CreateCounter<long>(
            "actionstream.camera.decoder.replaced", "{decoder}", "Decoders that ended or hung and were replaced, by reason.");
        LeftOut = meter.CreateCounter<long>(
            "actionstream.camera.packets.left_out", "{packet}", "Packets not decoded because the decoder was slower than the camera.");
        Age = meter.CreateHistogram("actionstream.frame.age", "s", "Age of a frame when it reaches its window.", null, Buckets.Latency);
        Created = meter.CreateCounter<long>("actionstream.windows.created", "{window}", "Clips made.");
        Skipped = meter.CreateCounter<long>("actionstream.windows.skipped", "{window}", "Windows begun and given up, by reason.");
        Quality = meter.CreateHistogram("actionstream.window.quality", "1", "How far a clip's frames can be trusted.", null, Buckets.Ratio);
        Asleep = meter.CreateCounter<double>(
            "actionstream.camera.slept", "s", "Stream time for which a camera was read and not decoded, but for heartbeats.");
        Wakes = meter.CreateCounter<long>("actionstream.camera.wakes", "{wake}", "Sleeps that ended, by what ended them.");
        NotDecoded = meter.CreateCounter<double>(
            "actionstream.camera.decoding.saved", "s",
            "Stream time that was never decoded: asleep, less heartbeats and what waking went back to.");
        Heartbeats = meter.CreateCounter<long>(
            "actionstream.camera.heartbeats", "{frame}", "Key frames decoded of a camera that is asleep.");
        meter.CreateObservableGauge("actionstream.camera.asleep", ObserveAsleep, null, "1 while the camera is asleep.");
        meter.CreateObservableGauge("actionstream.camera.up", ObserveUp, null, "1 while frames arrive.");
        meter.CreateObservableGauge("actionstream.camera.state", ObserveStates, null, "1 for the camera's state, 0 for the others.");
        meter.CreateObservableGauge(
            "actionstream.camera.clock.skew", ObserveSkew, "s", "Drift of the stream's clock from ours; positive if it runs slow.");
        ChildProcesses.Observe(meter);
    }

    internal Counter<long> Received { get; }

    internal Counter<long> Reconnects { get; }

    internal Counter<long> Lines { get; }

    internal Counter<long> Dropped { get; }

    internal Counter<long> Flawed { get; }

    internal Counter<long> Decoders { get; }

    internal Counter<long> LeftOut { get; }

    internal Histogram<double> Age { get; }

    internal Counter<long> Created { get; }

    internal Counter<long> Skipped { get; }

    internal Histogram<double> Quality { get; }

    internal Counter<double> Asleep { get; }

    internal Counter<long> Wakes { get; }

    internal Counter<double> NotDecoded { get; }

    internal Counter<long> Heartbeats { get; }

    public CameraMeter ForCamera(string camera) => _cameras.GetOrAdd(camera, name => new(this, name));

    /// <summary>The camera is gone: its gauges go too, its counters stay as they are.</summary>
    public void Forget(string camera) => _cameras.TryRemove(camera, out _);

    private IEnumerable<Measurement<int>> ObserveUp() =>
        _cameras.Values.Select(
            camera => new Measurement<int>(camera.State is StreamState.Online or StreamState.Degraded ? 1 : 0, camera.Tag));

    private IEnumerable<Measurement<int>> ObserveAsleep() =>
        _cameras.Values.Select(camera => new Measurement<int>(camera.IsAsleep ? 1 : 0, camera.Tag));

    private IEnumerable<Measurement<int>> ObserveStates() =>
        from camera in _cameras.Values
        from state in Enum.GetValues<StreamState>()
        select new Measurement<int>(camera.State == state ? 1 : 0, camera.Tag, new("state", state.ToString().ToLowerInvariant()));

    private IEnumerable<Measurement<double>> ObserveSkew() =>
        _cameras.Values.Select(camera => new Measurement<double>(camera.ClockSkew.TotalSeconds, camera.Tag));
}

/// <summary>What one camera counts. Tags are made once, so that counting allocates nothing.</summary>
public sealed class CameraMeter : IFrameCounter
{
    private static readonly DropReason[] FrameReasons = [DropReason.QueueFull, DropReason.Duplicate, DropReason.Corrupt];

    private static readonly DropReason[] WindowReasons =
    [
        DropReason.Gap, DropReason.Frozen, DropReason.Dark, DropReason.Corrupt, DropReason.SceneChange, DropReason.LowQuality,
    ];

    private static readonly (FrameMarks Mark, DropReason Reason)[] Flaws =
    [
        (FrameMarks.Frozen, DropReason.Frozen), (FrameMarks.Dark, DropReason.Dark),
        (FrameMarks.Damaged, DropReason.Corrupt), (FrameMarks.Cut, DropReason.SceneChange),
    ];

    private static readonly SourceFault[] UsualFaults =
    [
        SourceFault.Disconnected, SourceFault.Stalled, SourceFault.Timeout, SourceFault.Refused,
        SourceFault.Unauthorized, SourceFault.NotFound, SourceFault.Broken,
    ];

    private static readonly WakeReasons[] UsualReasons =
    [
        WakeReasons.Motion, WakeReasons.Change, WakeReasons.Event, WakeReasons.Command, WakeReasons.Watched,
    ];

    private readonly IngestMeters _meters;
    private readonly Dictionary<DropReason, KeyValuePair<string, object?>> _reasons;
    private readonly long[] _dropped = new long[Enum.GetValues<DropReason>().Length];
    private readonly long[] _skipped = new long[Enum.GetValues<DropReason>().Length];
    private long _received;

    internal CameraMeter(IngestMeters meters, string camera)
    {
        _meters = meters;
        Tag = new("camera", camera);
        _reasons = Enum.GetValues<DropReason>()
            .ToDictionary(reason => reason, reason => new KeyValuePair<string, object?>("reason", reason.Label));
        meters.Received.Add(0, Tag);
        meters.Lines.Add(0, Tag);
        meters.Created.Add(0, Tag);
        meters.LeftOut.Add(0, Tag);
        foreach (var reason in WindowReasons)
        {
            meters.Skipped.Add(0, Tag, _reasons[reason]);
        }

        foreach (var (_, reason) in Flaws)
        {
            meters.Flawed.Add(0, Tag, _reasons[reason]);
        }

        foreach (var reason in FrameReasons)
        {
            meters.Dropped.Add(0, Tag, _reasons[reason]);
        }

        foreach (var fault in UsualFaults)
        {
            meters.Reconnects.Add(0, Tag, new("reason", fault.Label));
        }

        meters.Asleep.Add(0, Tag);
        meters.NotDecoded.Add(0, Tag);
        meters.Heartbeats.Add(0, Tag);
        foreach (var reason in UsualReasons)
        {
            meters.Wakes.Add(0, Tag, new("reason", reason.Words[0]));
        }
    }

    public KeyValuePair<string, object?> Tag { get; }

    public StreamState State { get; set; } = StreamState.Connecting;

    public TimeSpan ClockSkew { get; set; }

    /// <summary>Its packets are read, and not decoded.</summary>
    public bool IsAsleep { get; set; }

    /// <summary>Frames taken from the source so far.</summary>
    public long ReceivedCount => Interlocked.Read(ref _received);

    /// <summary>Frames shed so far, for whatever reason.</summary>
    public long DroppedCount => _dropped.Sum();

    /// <summary>The same, by the reasons that occurred.</summary>
    public IEnumerable<(string Reason, long Count)> DroppedByReason => ByReason(_dropped);

    /// <summary>Windows begun and given up so far, by the reasons that occurred.</summary>
    public IEnumerable<(string Reason, long Count)> SkippedByReason => ByReason(_skipped);

    public void Received(TimeSpan age)
    {
        Interlocked.Increment(ref _received);
        _meters.Received.Add(1, Tag);
        _meters.Age.Record(age.TotalSeconds, Tag);
    }

    /// <summary>A sampled frame that is not what the camera shows.</summary>
    public void Flawed(FrameMarks marks)
    {
        foreach (var (mark, reason) in Flaws)
        {
            if ((marks & mark) != 0)
            {
                _meters.Flawed.Add(1, Tag, _reasons[reason]);
            }
        }
    }

    public void Dropped(DropReason reason)
    {
        Interlocked.Increment(ref _dropped[(int)reason]);
        _meters.Dropped.Add(1, Tag, _reasons[reason]);
    }

    public void DroppedFull() => Dropped(DropReason.QueueFull);

    public void DroppedCorrupt() => Dropped(DropReason.Corrupt);

    public void DecoderReplaced(SourceFault fault) => _meters.Decoders.Add(1, Tag, new("reason", fault.Label));

    public void DecoderLeftOut(long packets) => _meters.LeftOut.Add(packets, Tag);

    public void StderrLines(long count) => _meters.Lines.Add(count, Tag);

    public void Lost(SourceFault fault) => _meters.Reconnects.Add(1, Tag, new("reason", fault.Label));

    public void Created(double quality)
    {
        _meters.Created.Add(1, Tag);
        _meters.Quality.Record(quality, Tag);
    }

    public void Skipped(DropReason reason)
    {
        Interlocked.Increment(ref _skipped[(int)reason]);
        _meters.Skipped.Add(1, Tag, _reasons[reason]);
    }

    /// <summary>It slept for so long.</summary>
    public void Asleep(TimeSpan time) => _meters.Asleep.Add(time.TotalSeconds, Tag);

    /// <summary>So much of its stream will never be decoded.</summary>
    public void NotDecoded(TimeSpan time) => _meters.NotDecoded.Add(time.TotalSeconds, Tag);

    /// <summary>It woke: counted once, by the first of the reasons.</summary>
    public void Woke(WakeReasons reasons) => _meters.Wakes.Add(1, Tag, new("reason", reasons.First.Words[0]));

    public void Heartbeat() => _meters.Heartbeats.Add(1, Tag);

    private static IEnumerable<(string Reason, long Count)> ByReason(long[] counts) =>
        Enum.GetValues<DropReason>().Select(reason => (reason.Label, Count: Interlocked.Read(ref counts[(int)reason]))).Where(entry =>
            entry.Count > 0);
}
