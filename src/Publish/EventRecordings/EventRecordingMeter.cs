using System.Diagnostics.Metrics;
using ActionStream.Core.Media;

namespace ActionStream.Publish.EventRecordings;

/// <summary>What became of recordings of events.</summary>
public sealed class EventRecordingMeter
{
    private readonly Counter<long> _clips;

    private Func<long> _kept = () => 0;
    private Func<(long Slower, long Failed)> _leftOut = () => (0, 0);

    public EventRecordingMeter(Meter meter)
    {
        _clips = meter.CreateCounter<long>("actionstream.event.recordings", "{recording}", "Recordings of events, by what became of them.");
        meter.CreateObservableGauge("actionstream.recording.buffer", () => _kept(), "By", "Streams kept on disk in case an event comes.");
        meter.CreateObservableCounter(
            "actionstream.recording.packets.dropped", LeftOut, "{packet}", "Packets missing in what is kept for recordings, by reason.");
        foreach (var result in (string[])["whole", "partial", "missing", "failed", "queue_full", "stopped"])
        {
            Count(result, 0);
        }
    }

    /// <param name="kept">Bytes on disk.</param>
    /// <param name="leftOut">Packets that are not: the disk was slower, or took none.</param>
    public void Observe(Func<long> kept, Func<(long Slower, long Failed)> leftOut) => (_kept, _leftOut) = (kept, leftOut);

    public void Ended(RecordingResult result) => Count(result.ToString().ToLowerInvariant(), 1);

    /// <summary>More events are open or waiting than clips are made of.</summary>
    public void DroppedFull() => Count("queue_full", 1);

    /// <summary>The service left before it could be made.</summary>
    public void Stopped() => Count("stopped", 1);

    private IEnumerable<Measurement<long>> LeftOut()
    {
        var (slower, failed) = _leftOut();
        yield return new(slower, new KeyValuePair<string, object?>("reason", "queue_full"));
        yield return new(failed, new KeyValuePair<string, object?>("reason", "disk"));
    }

    private void Count(string result, long count) => _clips.Add(count, new KeyValuePair<string, object?>("result", result));
}
