using System.Text;
using ActionStream.Publish.Events;
using ActionStream.Publish.Mqtt.Client;
using ActionStream.Publish.Mqtt.Messages;
using ActionStream.Publish.Mqtt.Sending;
using Microsoft.Extensions.Logging;

namespace ActionStream.Publish;

/// <summary>Which cameras there are, and how the broker and Home Assistant learn of those that come, change and go.</summary>
public sealed partial class PublishStage
{
    private readonly Dictionary<string, MessageCounts> _countsOfRemoved = new(StringComparer.Ordinal); // as their metrics, until the end

    /// <summary>Adds a camera, or the same one with other settings: its open events end, and what it no longer
    /// has is removed. From any thread.</summary>
    /// <remarks>Answers to clips of the former one must have come in, unless its epochs go on counting: they
    /// would be newer than the new ones.</remarks>
    /// <param name="reason">Why its open events end.</param>
    public void Add(PublishedStream stream, EndReason reason = EndReason.Stopped)
    {
        lock (_lock)
        {
            var former = _publishers.GetValueOrDefault(stream.Stream);
            if (former is not null)
            {
                Finish(former, reason);
            }

            var publisher = Introduce(stream, former);
            if (_countsOfRemoved.Remove(stream.Stream, out var counts))
            {
                publisher.Counts = counts;
            }

            former?.Withdraw(publisher);
            PublishNodeInfo();
        }
    }

    /// <summary>Removes a camera: its events end, its states go OFF, and all it left at the broker is removed. From any thread.</summary>
    public void Remove(string stream)
    {
        lock (_lock)
        {
            if (_publishers.Remove(stream, out var publisher))
            {
                Finish(publisher, EndReason.Stopped);
                publisher.Withdraw(null);
                _countsOfRemoved[stream] = publisher.Counts;
                PublishNodeInfo();
            }
        }
    }

    private void Introduce(IReadOnlyList<PublishedStream> streams)
    {
        _outbox.PostRetained(MessageKind.NodeStatus, _topics.NodeStatus, Payloads.Online);
        PublishMirrorStatus(Payloads.Online);
        foreach (var (topic, payload) in _discovery?.Node() ?? [])
        {
            _outbox.PostRetained(MessageKind.Discovery, topic, payload);
        }

        foreach (var stream in streams)
        {
            Introduce(stream, null);
        }

        PublishNodeInfo();
        Repair();
    }

    // The states are OFF already. A camera that is configured no more still owes its listeners the end.
    private void Repair()
    {
        var seqOfOthers = 0L;
        foreach (var end in _outbox.Crashed)
        {
            if (_publishers.TryGetValue(end.Camera, out var publisher))
            {
                publisher.Publish(end, _node.BootId);
            }
            else
            {
                _outbox.PostEvent(end.Topic, end.Payload(seqOfOthers++, _node.BootId), new(end.EventId, EventType.End));
            }

            _meter.Repaired(end.Camera, end.Label);
            LogRepaired(end.Camera, end.Label, end.EventId);
        }
    }

    private CameraPublisher Introduce(PublishedStream stream, CameraPublisher? former)
    {
        var publisher = new CameraPublisher(
            stream, _node.BootId, _outbox, _topics, _payloads, _timeline, _discovery, _mirror, _observers, former);
        _publishers[stream.Stream] = publisher;
        _meter.KnowsCamera(stream.Stream);
        _meter.KnowsLabels(stream.Stream, [.. publisher.EventLabels]);
        publisher.Introduce(_time.GetUtcNow());
        _cleaner.Clean(stream.Stream);
        return publisher;
    }

    private void PublishMirrorStatus(ReadOnlyMemory<byte> status)
    {
        if (_mirror is not null)
        {
            _outbox.PostRetained(MessageKind.NodeStatus, _mirror.StatusTopic, status);
        }
    }

    private void PublishNodeInfo() => _outbox.PostRetained(
        MessageKind.NodeInfo,
        _topics.NodeInfo,
        _payloads.NodeInfo(
            _publishers.Values.Select(publisher => ModelIdentity.Of(publisher.Settings.Model)).Distinct(), _publishers.Keys, _started,
            _modelStatus));

    private void Finish(CameraPublisher publisher, EndReason reason)
    {
        _events.Clear();
        publisher.Events.Finish(reason, _events);
        Publish(publisher);
        Snapshots?.Forget(publisher.Stream);
    }

    // Retained, it is from an earlier start, and connecting has published everything anyway.
    private void OnHomeAssistantOnline(MqttMessage message)
    {
        if (!message.Retain && Encoding.UTF8.GetString(message.Payload.Span) == "online")
        {
            _outbox.Republish();
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Camera}: {Label} was open when the service died; event {EventId} gets its end now")]
    private partial void LogRepaired(string camera, string label, string eventId);
}
