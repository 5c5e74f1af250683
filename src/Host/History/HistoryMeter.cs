using System.Diagnostics.Metrics;

namespace ActionStream.Host.History;

/// <summary>What became of what was to be remembered.</summary>
internal sealed class HistoryMeter
{
    private readonly Counter<long> _written;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _removed;

    /// <param name="bytes">Of the file.</param>
    /// <param name="isThere">False while nothing can be remembered.</param>
    public HistoryMeter(Meter meter, Func<long> bytes, Func<bool> isThere)
    {
        _written = meter.CreateCounter<long>(
            "actionstream.history.written", "{entry}", "What was written to the history: events, near misses, decisions' scores.");
        _dropped = meter.CreateCounter<long>(
            "actionstream.history.dropped", "{entry}", "Decisions and steps of events that the history does not have, by reason.");
        _removed = meter.CreateCounter<long>(
            "actionstream.history.removed", "{entry}", "What the history has forgotten, events and blocks of scores, by reason.");
        meter.CreateObservableGauge("actionstream.history.size", bytes, "By", "What the history takes on disk.");
        meter.CreateObservableGauge(
            "actionstream.history.available", () => isThere() ? 1 : 0, null, "1 if the history can be written, 0 if not.");
        Array.ForEach(["event", "near_miss", "scores"], kind => Written(kind, 0));
        Array.ForEach(
            [HistoryDrop.QueueFull, HistoryDrop.Unavailable, HistoryDrop.Failed, HistoryDrop.Stopped], reason => Dropped(reason, 0));
        Array.ForEach(["age", "bytes"], reason => Removed(reason, 0));
    }

    public void Written(string kind, long count) => _written.Add(count, new KeyValuePair<string, object?>("kind", kind));

    public void Dropped(string reason, long count = 1) => _dropped.Add(count, new KeyValuePair<string, object?>("reason", reason));

    public void Removed(string reason, long count) => _removed.Add(count, new KeyValuePair<string, object?>("reason", reason));
}
