using System.Diagnostics.Metrics;
using ActionStream.Core.Configuration;
using ActionStream.Core.Stages;
using ActionStream.Publish.Mqtt.Client;
using ActionStream.Publish.Mqtt.Messages;

namespace ActionStream.Publish.Mqtt.Sending;

/// <summary>What the link to the broker reports about itself.</summary>
internal sealed class LinkMeter
{
    private static readonly KeyValuePair<string, object?> Ok = new("result", "ok");
    private static readonly KeyValuePair<string, object?> Failed = new("result", "failed");
    private static readonly KeyValuePair<string, object?> Dropped = new("result", "dropped");

    private readonly long[] _byKind = new long[Enum.GetValues<MessageKind>().Length];
    private readonly Counter<long> _published;
    private readonly Counter<long> _spoolDropped;
    private readonly Counter<long> _connectFailures;
    private readonly Histogram<double> _duration;
    private long _dropped;
    private long _eventsDropped;
    private long _lastTicks;

    public LinkMeter(Meter meter, Func<bool> isConnected, Func<int> spooled, Func<long> spooledBytes, Func<long> diskBytes)
    {
        meter.CreateObservableGauge(
            "actionstream.mqtt.connected", () => isConnected() ? 1 : 0, null, "1 while the broker is connected, else 0.");
        meter.CreateObservableGauge(
            "actionstream.mqtt.spool.messages", spooled, "{message}", "Events waiting for the broker.");
        meter.CreateObservableGauge("actionstream.mqtt.spool", spooledBytes, "By", "Bytes of the events waiting for the broker.");
        meter.CreateObservableGauge("actionstream.mqtt.spool.disk", diskBytes, "By", "Bytes of the spool's file; 0 while events are kept in memory only.");
        _published = meter.CreateCounter<long>(
            "actionstream.mqtt.published", "{message}", "Messages by what became of them: acknowledged or sent (ok), refused (failed), not kept (dropped).");
        _spoolDropped = meter.CreateCounter<long>(
            "actionstream.mqtt.spool.dropped", "{message}", "Events that never reached the broker: too many, too big together, too old, or unreadable on disk.");
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

        foreach (var fault in Enum.GetValues<MqttFault>())
        {
            _connectFailures.Add(0, Reason(fault));
        }

    }

    public long DroppedCount => Interlocked.Read(ref _dropped);

    public long EventsDropped => Interlocked.Read(ref _eventsDropped);

    public long Count(MessageKind kind) => Interlocked.Read(ref _byKind[(int)kind]);

    public void Published(MessageKind kind)
    {
        Interlocked.Increment(ref _byKind[(int)kind]);
        _published.Add(1, Ok);
    }

    public TimeSpan Last => new(Interlocked.Read(ref _lastTicks));

    public void Finished(TimeSpan time)
    {
        Interlocked.Exchange(ref _lastTicks, time.Ticks);
        _duration.Record(time.TotalSeconds);
    }

    public void Refused() => _published.Add(1, Failed);

    public void ConnectFailed(MqttFault fault) => _connectFailures.Add(1, Reason(fault));

    public void DroppedScores(int count)
    {
        if (count > 0)
        {
            Interlocked.Add(ref _dropped, count);
            _published.Add(count, Dropped);
        }
    }

    public void DroppedEvents(SpoolDrop reason, int count)
    {
        Interlocked.Add(ref _eventsDropped, count);
        _spoolDropped.Add(count, Reason(reason));
    }

    private static KeyValuePair<string, object?> Reason<T>(T reason)
        where T : struct, Enum => new("reason", SettingName.Of(reason.ToString()));
}
