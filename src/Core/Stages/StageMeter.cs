using System.Diagnostics.Metrics;

namespace ActionStream.Core.Stages;

/// <summary>The four things every stage reports: how much, how much not, how full, how long.</summary>
/// <remarks>
/// Instruments are named with dots and carry a unit; the exporter makes Prometheus names of both
/// (`actionstream.stage.duration` in `s` becomes `actionstream_stage_duration_seconds`).
/// </remarks>
public sealed class StageMeter
{
    private readonly Meter _meter;
    private readonly KeyValuePair<string, object?> _stage;
    private readonly Counter<long> _items;
    private readonly Counter<long> _dropped;
    private readonly Histogram<double> _duration;
    private readonly KeyValuePair<string, object?>[] _reasons;
    private readonly long[] _shed = new long[Enum.GetValues<DropReason>().Length];
    private long _offered;

    public StageMeter(Meter meter, string stage, params ReadOnlySpan<DropReason> reasons)
    {
        _meter = meter;
        Stage = stage;
        _stage = new("stage", stage);
        _items = meter.CreateCounter<long>("actionstream.stage.items", "{item}", "Items offered to the stage.");
        _dropped = meter.CreateCounter<long>(
            "actionstream.stage.dropped", "{item}", "Items shed before the stage processed them, by reason.");
        _duration = meter.CreateHistogram(
            "actionstream.stage.duration", "s", "Time a stage spent on one item.", null, Buckets.Latency);
        _reasons = [.. Enum.GetValues<DropReason>().Select(reason => new KeyValuePair<string, object?>("reason", reason.Label))];

        _items.Add(0, _stage);
        foreach (var reason in reasons)
        {
            _dropped.Add(0, _stage, _reasons[(int)reason]); // known label sets are exported from the start
        }
    }

    public string Stage { get; }

    /// <summary>Items written to the stage's channel so far.</summary>
    public long OfferedCount => Interlocked.Read(ref _offered);

    /// <summary>Items shed so far, for whatever reason.</summary>
    public long DroppedCount => _shed.Sum();

    /// <summary>The same, by the reasons that occurred.</summary>
    public IEnumerable<(string Reason, long Count)> DroppedByReason =>
        Enum.GetValues<DropReason>().Select(reason => (reason.Label, Count: Interlocked.Read(ref _shed[(int)reason]))).Where(entry =>
            entry.Count > 0);

    public void Offered()
    {
        Interlocked.Increment(ref _offered);
        _items.Add(1, _stage);
    }

    public void Dropped(DropReason reason, int count = 1)
    {
        Interlocked.Add(ref _shed[(int)reason], count);
        _dropped.Add(count, _stage, _reasons[(int)reason]);
    }

    public void Finished(TimeSpan duration) => _duration.Record(duration.TotalSeconds, _stage);

    public void ObserveDepth(Func<int> depth) =>
        _meter.CreateObservableGauge(
            "actionstream.queue.length", () => new Measurement<int>(depth(), _stage), "{item}", "Items waiting for the stage.");
}
