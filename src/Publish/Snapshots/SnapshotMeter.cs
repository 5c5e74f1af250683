using System.Diagnostics.Metrics;

namespace ActionStream.Publish.Snapshots;

/// <summary>What became of snapshots of events.</summary>
public sealed class SnapshotMeter
{
    private readonly Counter<long> _snapshots;

    private Func<long> _stored = () => 0;

    public SnapshotMeter(Meter meter)
    {
        _snapshots = meter.CreateCounter<long>("actionstream.snapshots", "{snapshot}", "Snapshots of events, by what became of them.");
        meter.CreateObservableGauge("actionstream.media.stored", () => _stored(), "By", "Snapshots kept on disk.");
        foreach (var result in (string[])["made", "failed", "dropped"])
        {
            _snapshots.Add(0, new KeyValuePair<string, object?>("result", result));
        }
    }

    public void Observe(Func<long> stored) => _stored = stored;

    public void Made() => _snapshots.Add(1, new KeyValuePair<string, object?>("result", "made"));

    public void Failed() => _snapshots.Add(1, new KeyValuePair<string, object?>("result", "failed"));

    public void Dropped() => _snapshots.Add(1, new KeyValuePair<string, object?>("result", "dropped"));
}
