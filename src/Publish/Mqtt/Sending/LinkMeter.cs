using System.Diagnostics.Metrics;
using ActionStream.Core.Configuration;
using ActionStream.Core.Stages;
using ActionStream.Publish.Mqtt.Client;
using ActionStream.Publish.Mqtt.Messages;

namespace ActionStream.Publish.Mqtt.Sending;

/// <summary>What became of messages and connections: for metrics, for the minute's summary and for whoever measures.</summary>
public sealed class LinkMeter
{
    private static readonly KeyValuePair<string, object?> Ok = new("result", "ok");
    private static readonly KeyValuePair<string, object?> Failed = new("result", "failed");
    private static readonly KeyValuePair<string, object?> Dropped = new("result", "dropped");

    private readonly long[] _byKind = new long[Enum.GetValues<MessageKind>().Length];
    private readonly Counter<long> _published;
    private readonly Counter<long> _spoolDropped;
    private readonly Counter<long> _setAside;
    private readonly Counter<long> _connectFailures;
    private readonly Histogram<double> _duration;
    private long _dropped;
    private long _eventsDropped;
    private long _lastTicks;

    /// <param name="spooled">Events waiting for the broker, their bytes, and the bytes of the spool's file.</param>
    internal LinkMeter(Meter meter, Func<bool> isConnected, Func<(int Messages, long Bytes, long DiskBytes)> spooled)
    {
        meter.CreateObservableGauge(
            "actionstream.mqtt.connected", () => isConnected() ? 1 : 0, null, "1 while the broker is connected, else 0.");
        meter.CreateObservableGauge(
            "actionstream.mqtt.spool.messages", () => spooled().Messages, "{message}", "Events waiting for the broker.");
        meter.CreateObservableGauge("actionstream.mqtt.spool", () => spooled().Bytes, "By", "Bytes of the events waiting for the broker.");
        meter.CreateObservableGauge(
            "actionstream.mqtt.spool.disk", () => spooled().DiskBytes, "By",
            "Bytes of the spool's file; 0 while events are kept in memory only.");
        _published = meter.CreateCounter<long>(
            "actionstream.mqtt.published", "{message}",
            "Messages by what became of them: acknowledged or sent (ok), refused or set aside (failed), not kept (dropped).");
        _spoolDropped = meter.CreateCounter<long>(
            "actionstream.mqtt.spool.dropped", "{message}",
            "Events that never reached the broker: too many, too big together, too old, unreadable on disk, or set aside.");
        _setAside = meter.CreateCounter<long>(
            "actionstream.mqtt.set_aside", "{message}",
            "Messages not sent although the broker is there: larger than it says it takes (too_large), or it cut the connection "
            + "for them (cut).");
        _connectFailures = meter.CreateCounter<long>(
            "actionstream.mqtt.connect.failures", "{attempt}", "Attempts to connect to the broker that failed, by reason.");
        _duration = meter.CreateHistogram(
            "actionstream.mqtt.publish.duration", "s", "Time from posting a message until the broker had it.", null, Buckets.Latency);
        _published.Add(0, Ok);
        _published.Add(0, Failed);
        _published.Add(0, Dropped);
        foreach (var reason in Enum.GetValues<SpoolDrop>())
        {
            _spoolDropped.Add(0, Reason(reason));
        }

        foreach (var reason in Enum.GetValues<SetAsideReason>())
        {
            _setAside.Add(0, Reason(reason));
        }

        foreach (var fault in Enum.GetValues<MqttFault>())
        {
            _connectFailures.Add(0, Reason(fault));
        }
    }

    /// <summary>How long it was until the broker had the last event or scores, from posting on.</summary>
    public TimeSpan LastPublish => new(Interlocked.Read(ref _lastTicks));

    /// <summary>Scores and stats not kept, because the broker was away or too slow.</summary>
    public long DroppedScores => Interlocked.Read(ref _dropped);

    /// <summary>Events dropped from the spool.</summary>
    public long DroppedEvents => Interlocked.Read(ref _eventsDropped);

    /// <summary>Messages that reached the broker.</summary>
    public long Published(MessageKind kind) => Interlocked.Read(ref _byKind[(int)kind]);

    internal void CountPublished(MessageKind kind)
    {
        Interlocked.Increment(ref _byKind[(int)kind]);
        _published.Add(1, Ok);
    }

    internal void RecordPublish(TimeSpan time)
    {
        Interlocked.Exchange(ref _lastTicks, time.Ticks);
        _duration.Record(time.TotalSeconds);
    }

    internal void CountRefused() => _published.Add(1, Failed);

    internal void CountSetAside(SetAsideReason reason)
    {
        _setAside.Add(1, Reason(reason));
        CountRefused();
    }

    internal void CountConnectFailure(MqttFault fault) => _connectFailures.Add(1, Reason(fault));

    internal void CountDroppedScores(int count)
    {
        if (count > 0)
        {
            Interlocked.Add(ref _dropped, count);
            _published.Add(count, Dropped);
        }
    }

    internal void CountDroppedEvents(SpoolDrop reason, int count)
    {
        Interlocked.Add(ref _eventsDropped, count);
        _spoolDropped.Add(count, Reason(reason));
    }

    private static KeyValuePair<string, object?> Reason<T>(T reason)
        where T : struct, Enum => new("reason", SettingName.Of(reason.ToString()));
}
