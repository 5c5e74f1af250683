using System.Text;
using System.Text.Json;
using ActionStream.Core.Results;
using ActionStream.Publish.Mqtt.Client;
using ActionStream.Publish.Mqtt.Messages;
using ActionStream.Publish.Mqtt.Sending;

namespace ActionStream.Publish.Mqtt.Receiving;

/// <summary>Removes from the broker what cameras and classes left behind that are configured no more: nobody else ever will.</summary>
/// <remarks>
/// It asks the broker rather than a file of our own: that also finds what was published by a machine since replaced, and a
/// lost file loses nothing. What arrives retained can only be from before. Cameras that have moved to another node are left to it.
/// </remarks>
internal sealed class StaleTopicCleaner(
    Outbox outbox, SubscriptionRegistry subscriptions, Topics topics, DiscoveryOptions discovery, string node)
{
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    public void Start()
    {
        subscriptions.Subscribe(HomeAssistantDiscovery.AllOf(discovery, node), RemoveIfDiscovered);
        subscriptions.Subscribe(topics.NodeInfo, AskForFormerCameras);
    }

    /// <summary>Classes of a camera that is still there.</summary>
    public void Clean(string camera)
    {
        if (_asked.Add(camera))
        {
            subscriptions.Subscribe(topics.State(camera, "+"), message => Remove(MessageKind.State, message));
            subscriptions.Subscribe(topics.Threshold(camera, "+"), message => Remove(MessageKind.Setting, message));
        }
    }

    // Other programs on this machine may publish under its name too.
    private void RemoveIfDiscovered(MqttMessage message)
    {
        if (message.Retain && Parse(message) is { } document)
        {
            using (document)
            {
                if (document.RootElement.TryGetProperty("origin", out var origin) && origin.ValueKind == JsonValueKind.Object
                    && origin.TryGetProperty("name", out var maker) && maker.ValueKind == JsonValueKind.String
                    && maker.GetString() == HomeAssistantDiscovery.Maker)
                {
                    Remove(MessageKind.Discovery, message);
                }
            }
        }
    }

    private void AskForFormerCameras(MqttMessage message)
    {
        if (!message.Retain || Parse(message) is not { } info)
        {
            return;
        }

        using (info)
        {
            if (!info.RootElement.TryGetProperty("cameras", out var cameras) || cameras.ValueKind != JsonValueKind.Array)
            {
                return;
            }

            foreach (var camera in cameras.EnumerateArray()
                .Where(camera => camera.ValueKind == JsonValueKind.String).Select(camera => camera.GetString()!).Where(Slug.IsSlug))
            {
                if (!outbox.Holds(topics.CameraStatus(camera)))
                {
                    subscriptions.Subscribe(topics.CameraStatus(camera), status => RemoveIfOurs(camera, status));
                }
            }
        }
    }

    private void RemoveIfOurs(string camera, MqttMessage status)
    {
        if (!status.Retain || Parse(status) is not { } parsed)
        {
            return;
        }

        using (parsed)
        {
            if (parsed.RootElement.TryGetProperty("node", out var owner) && owner.ValueKind == JsonValueKind.String
                && owner.GetString() == node)
            {
                subscriptions.Subscribe(topics.All(camera), message => Remove(MessageKind.State, message));
            }
        }
    }

    private void Remove(MessageKind kind, MqttMessage message)
    {
        if (message is { Retain: true, Payload.IsEmpty: false } && !outbox.Holds(message.Topic))
        {
            outbox.Withdraw(kind, message.Topic);
        }
    }

    private static JsonDocument? Parse(MqttMessage message)
    {
        try
        {
            var parsed = JsonDocument.Parse(Encoding.UTF8.GetString(message.Payload.Span));
            if (parsed.RootElement.ValueKind == JsonValueKind.Object)
            {
                return parsed;
            }

            parsed.Dispose();
            return null;
        }
        catch (JsonException)
        {
            return null; // not written by us
        }
    }
}
