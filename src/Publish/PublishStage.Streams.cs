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
    /// <summary>Takes a camera on, or the same one with other settings: its open events end, and what it no longer has is taken back. From any thread.</summary>
    /// <remarks>Answers to clips of the former one must have come in, unless its epochs go on counting: they would be newer than the new ones.</remarks>
    public void Add(PublishedStream stream)
    {
        lock (_turn)
        {
            var former = _voices.GetValueOrDefault(stream.Stream);
            if (former is not null)
            {
                Finish(former, EndReason.Stopped);
            }

            var voice = Introduce(stream, former);
            former?.Withdraw(voice);
            SayNodeInfo();
        }
    }

    /// <summary>Lets a camera go: its events end, its states go OFF, and all it left at the broker is removed. From any thread.</summary>
    public void Remove(string stream)
    {
        lock (_turn)
        {
            if (_voices.Remove(stream, out var voice))
            {
                Finish(voice, EndReason.Stopped);
                voice.Withdraw(null);
                SayNodeInfo();
            }
        }
    }

    private void Introduce(IReadOnlyList<PublishedStream> streams)
    {
        _link.PostRetained(MessageKind.NodeStatus, _link.Topics.NodeStatus, Payloads.Online);
        _mirror?.Introduce();
        foreach (var (topic, payload) in _announcer?.Node() ?? [])
        {
            _link.PostRetained(MessageKind.Discovery, topic, payload);
        }

        foreach (var stream in streams)
        {
            Introduce(stream, null);
        }

        SayNodeInfo();
        Repair();
    }

    // The states have said OFF already. A camera that is configured no more still owes its listeners the end.
    private void Repair()
    {
        var seqOfOthers = 0L;
        foreach (var end in _link.Crashed)
        {
            if (_voices.TryGetValue(end.Camera, out var voice))
            {
                voice.Say(end, _node.BootId);
            }
            else
            {
                _link.PostEvent(end.Topic, end.Payload(seqOfOthers++, _node.BootId), new(end.EventId, EventType.End));
            }

            _meter.Repaired(end.Label);
            LogRepaired(end.Camera, end.Label, end.EventId);
        }
    }

    private StreamVoice Introduce(PublishedStream stream, StreamVoice? former)
    {
        var voice = new StreamVoice(stream, _node.BootId, _link, _payloads, _timeline, _announcer, _mirror, former) { OnStatus = status => OnStatus?.Invoke(status) };
        _voices[stream.Stream] = voice;
        _meter.KnowsCamera(stream.Stream);
        foreach (var label in voice.EventLabels)
        {
            _meter.KnowsLabel(label);
        }

        voice.Introduce(_time.GetUtcNow());
        _sweep.Look(stream.Stream);
        return voice;
    }

    private void SayNodeInfo() => _link.PostRetained(
        MessageKind.NodeInfo,
        _link.Topics.NodeInfo,
        _payloads.NodeInfo(_voices.Values.Select(voice => ModelIdentity.Of(voice.Settings.Model)).Distinct(), _voices.Keys, _started));

    private void Finish(StreamVoice voice, EndReason reason)
    {
        _events.Clear();
        voice.Rolling.Finish(reason, _events);
        Publish(voice);
        Pictures?.Forget(voice.Stream);
    }

    // Retained, it is from an earlier start, and connecting has told everything anyway.
    private void HearBirth(MqttMessage message)
    {
        if (!message.Retain && Encoding.UTF8.GetString(message.Payload.Span) == "online")
        {
            _link.SayAgain();
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Camera}: {Label} was open when the service died; event {EventId} gets its end now")]
    private partial void LogRepaired(string camera, string label, string eventId);
}
