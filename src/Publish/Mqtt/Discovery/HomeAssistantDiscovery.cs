using System.Text.Json;
using System.Text.Json.Nodes;
using ActionStream.Core.Results;
using ActionStream.Publish.Mqtt.Messages;

namespace ActionStream.Publish.Mqtt;

/// <summary>One entity as Home Assistant is told of it.</summary>
internal sealed record DiscoveryMessage(string Topic, ReadOnlyMemory<byte> Payload);

/// <summary>A class that makes events, as its entities need to know it.</summary>
internal sealed record DiscoveryClass(string Label, string Slug);

/// <summary>Writes the documents by which Home Assistant finds the node, its cameras and their classes.</summary>
/// <remarks>
/// The node's name stands in each topic, so that one subscription finds what this node published, now or before a restart.
/// </remarks>
internal sealed class HomeAssistantDiscovery(DiscoveryOptions options, NodeIdentity node, Topics topics)
{
    /// <summary>Who made the documents, as each of them states.</summary>
    public const string Maker = "ActionStream";

    private const string StateOf = "{{ 'online' if value_json.state in ['online', 'degraded'] else 'offline' }}";

    private static readonly JsonSerializerOptions Written = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Everything this node has published.</summary>
    public static string AllOf(DiscoveryOptions options, string node) => $"{options.Prefix}/+/{Slug.Of(node)}/+/config";

    /// <summary>Where Home Assistant says that it has started.</summary>
    public static string BirthOf(DiscoveryOptions options) => $"{options.Prefix}/status";

    /// <summary>The node itself: the device that the cameras hang on, so it comes before them.</summary>
    public IEnumerable<DiscoveryMessage> Node() =>
    [
        Entity("binary_sensor", "status", "Connection", NodeDevice(), new()
        {
            ["state_topic"] = topics.NodeStatus,
            ["payload_on"] = "online",
            ["payload_off"] = "offline",
            ["device_class"] = "connectivity",
            ["entity_category"] = "diagnostic",
        }),
    ];

    public IEnumerable<DiscoveryMessage> Camera(DiscoveryCamera camera)
    {
        var (key, classes) = (camera.Key, camera.Classes);
        foreach (var one in classes)
        {
            yield return Of("binary_sensor", camera, one.Slug, Words(one.Label), new()
            {
                ["state_topic"] = topics.State(key, one.Slug),
                ["payload_on"] = "ON",
                ["payload_off"] = "OFF",
                ["device_class"] = DeviceClass.Of(one.Label),
            });
            yield return Of("number", camera, $"{one.Slug}_threshold", $"{Words(one.Label)} threshold", new()
            {
                ["state_topic"] = topics.Threshold(key, one.Slug),
                ["command_topic"] = topics.ThresholdSet(key, one.Slug),
                ["min"] = 0.01,
                ["max"] = 1,
                ["step"] = 0.01,
                ["mode"] = "box",
                ["entity_category"] = "config",
                ["enabled_by_default"] = false,
            });
        }

        if (classes.Count > 0)
        {
            yield return Of("event", camera, "action", "Action", new()
            {
                ["state_topic"] = topics.Events(key),
                ["event_types"] = new JsonArray([.. classes.Select(one => (JsonNode)one.Slug)]),
                ["value_template"] = "{{ value if value_json.type == 'start' else '{}' }}", // empty ones are passed over
            });
        }

        yield return Of("sensor", camera, "fps", "Frame rate", new()
        {
            ["state_topic"] = topics.CameraStatus(key),
            ["value_template"] = "{{ value_json.fps }}",
            ["unit_of_measurement"] = "fps",
            ["state_class"] = "measurement",
            ["entity_category"] = "diagnostic",
        });
        yield return Of("sensor", camera, "latency", "Latency", new()
        {
            ["state_topic"] = topics.NodeStats,
            ["value_template"] = $"{{{{ value_json.cameras['{key}'].latency_ms }}}}",
            ["unit_of_measurement"] = "ms",
            ["device_class"] = "duration",
            ["state_class"] = "measurement",
            ["entity_category"] = "diagnostic",
        });
        if (camera.HasSnapshots)
        {
            yield return Of("image", camera, "snapshot", "Snapshot", new()
            {
                ["image_topic"] = topics.Snapshot(key),
                ["content_type"] = "image/jpeg",
            });
            yield return Of("button", camera, "take_snapshot", "Take snapshot", new() { ["command_topic"] = topics.SnapshotSet(key) });
        }

        yield return Of("switch", camera, "enabled", "Enabled", new()
        {
            ["state_topic"] = topics.Enabled(key),
            ["command_topic"] = topics.EnabledSet(key),
            ["payload_on"] = "ON",
            ["payload_off"] = "OFF",
            ["icon"] = "mdi:cctv",
            ["entity_category"] = "config",
        }, outlivesCamera: true);
    }

    private static string Words(string label)
    {
        var words = label.Replace('_', ' ').Trim();
        return words.Length == 0 ? label : char.ToUpperInvariant(words[0]) + words[1..];
    }

    /// <param name="outlivesCamera">True for what must stay usable while the camera is away, as the switch that brings it back.</param>
    private DiscoveryMessage Of(
        string component, DiscoveryCamera camera, string id, string name, JsonObject document, bool outlivesCamera = false)
    {
        var availability = new JsonArray(new JsonObject { ["topic"] = topics.NodeStatus });
        if (!outlivesCamera)
        {
            availability.Add(new JsonObject { ["topic"] = topics.CameraStatus(camera.Key), ["value_template"] = StateOf });
        }

        document["availability"] = availability;
        document["availability_mode"] = "all";
        return Entity(component, $"{camera.Key}_{id}", name, CameraDevice(camera), document);
    }

    private DiscoveryMessage Entity(string component, string id, string name, JsonObject device, JsonObject document)
    {
        var unique = $"{Slug.Of(node.Node)}_{id}";
        var whole = new JsonObject { ["name"] = name, ["unique_id"] = unique };
        foreach (var (key, value) in document.Where(entry => entry.Value is not null))
        {
            whole[key] = value!.DeepClone();
        }

        whole["qos"] = 1;
        whole["device"] = device;
        whole["origin"] = new JsonObject { ["name"] = Maker, ["sw_version"] = node.Version };
        return new(
            $"{options.Prefix}/{component}/{Slug.Of(node.Node)}/{unique}/config", JsonSerializer.SerializeToUtf8Bytes(whole, Written));
    }

    private JsonObject NodeDevice() => new()
    {
        ["identifiers"] = new JsonArray(Slug.Of(node.Node)),
        ["name"] = node.Node,
        ["manufacturer"] = Maker,
        ["model"] = "Node",
        ["sw_version"] = node.Version,
    };

    private JsonObject CameraDevice(DiscoveryCamera camera) => new()
    {
        ["identifiers"] = new JsonArray($"{Slug.Of(node.Node)}_{camera.Key}"),
        ["name"] = camera.Name ?? Words(camera.Key),
        ["manufacturer"] = Maker,
        ["model"] = camera.Model,
        ["sw_version"] = node.Version,
        ["via_device"] = Slug.Of(node.Node),
    };
}
