using System.Diagnostics.Metrics;
using ActionStream.Core.Media;

namespace ActionStream.Publish.EventRecordings;

/// <summary>What became of recordings of events.</summary>
public sealed class EventRecordingMeter
{
    private readonly Counter<long> _clips;

    private Func<long> _kept = () => 0;

    public EventRecordingMeter(Meter meter)
    {
        _clips = meter.CreateCounter<long>("actionstream.event.recordings", "{recording}", "Recordings of events, by what became of them.");
        meter.CreateObservableGauge("actionstream.recording.buffer", () => _kept(), "By", "Streams kept on disk in case an event comes.");
        foreach (var result in (string[])["whole", "partial", "missing", "failed", "queue_full", "stopped"])
        {
            Count(result, 0);
        }
    }

    public void Observe(Func<long> kept) => _kept = kept;

    public void Ended(RecordingResult result) => Count(result.ToString().ToLowerInvariant(), 1);

    /// <summary>More events are open or waiting than clips are made of.</summary>
    public void DroppedFull() => Count("queue_full", 1);

    /// <summary>The service left before it could be made.</summary>
    public void Stopped() => Count("stopped", 1);

    private void Count(string result, long count) => _clips.Add(count, new KeyValuePair<string, object?>("result", result));
}
