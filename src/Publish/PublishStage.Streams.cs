using ActionStream.Publish.Mqtt;
using ActionStream.Publish.Rolling;

namespace ActionStream.Publish;

/// <content>Cameras come, change and go while the broker listens.</content>
public sealed partial class PublishStage
{
    /// <summary>Takes a camera on, or the same one with other settings: its open events end, and what it no longer has is taken back. From any thread.</summary>
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

    // A state left ON by a crash is corrected by the OFF that every class starts with.
    private void Introduce(IReadOnlyList<PublishedStream> streams)
    {
        _link.PostRetained(MessageKind.NodeStatus, _link.Topics.NodeStatus, Payloads.Online);
        foreach (var stream in streams)
        {
            Introduce(stream, null);
        }

        SayNodeInfo();
    }

    private StreamVoice Introduce(PublishedStream stream, StreamVoice? former)
    {
        var voice = new StreamVoice(stream, _node.BootId, _link, _payloads, _timeline, former);
        _voices[stream.Stream] = voice;
        _meter.KnowsCamera(stream.Stream);
        foreach (var label in voice.EventLabels)
        {
            _meter.KnowsLabel(label);
        }

        voice.Introduce(_time.GetUtcNow());
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
    }
}
