using System.Text.Json;
using System.Text.Json.Nodes;
using ActionStream.Core.Results;

namespace ActionStream.Publish.Mqtt.Messages;

/// <summary>Makes each event once more in Frigate's shape, so that automations written for it need only another prefix.</summary>
/// <remarks>It reads our own message, so both always tell the same. What Frigate knows and we do not, as boxes, is left out.</remarks>
internal sealed class FrigateMirror(string prefix)
{
    private readonly Dictionary<string, JsonObject> _last = new(StringComparer.Ordinal);

    /// <summary>`online` or `offline`.</summary>
    public string StatusTopic { get; } = $"{prefix}/available";

    public string EventTopic { get; } = $"{prefix}/events";

    public string CountTopic(string camera, string classSlug) => $"{prefix}/{Slug.Of(camera)}/{classSlug}";

    /// <param name="message">Our own, as published.</param>
    public byte[] Event(ReadOnlyMemory<byte> message)
    {
        var ours = JsonNode.Parse(message.Span)!.AsObject();
        var (type, after) = ((string)ours["type"]!, After(ours));
        var id = (string)after["id"]!;
        var before = _last.GetValueOrDefault(id) ?? after;
        var whole = new JsonObject
        {
            ["type"] = type == "start" ? "new" : type,
            ["before"] = before.DeepClone(),
            ["after"] = after.DeepClone(),
        };
        if (type == "end")
        {
            _last.Remove(id);
        }
        else
        {
            _last[id] = after;
        }

        return JsonSerializer.SerializeToUtf8Bytes(whole, JsonSerializerOptions.Default);
    }

    private static JsonObject After(JsonObject ours)
    {
        var isOver = (string)ours["type"]! == "end";
        return new()
        {
            ["id"] = ours["event_id"]?.DeepClone(),
            ["camera"] = ours["camera"]?.DeepClone(),
            ["frame_time"] = ours["window"]?["end"]?.DeepClone(),
            ["label"] = ours["event_type"]?.DeepClone(),
            ["sub_label"] = null,
            ["top_score"] = ours["top_score"]?.DeepClone(),
            ["score"] = ours["score"]?.DeepClone(),
            ["false_positive"] = false,
            ["start_time"] = ours["start_time"]?.DeepClone(),
            ["end_time"] = ours["end_time"]?.DeepClone(),
            ["current_zones"] = isOver ? new JsonArray() : ours["current_zones"]?.DeepClone() ?? new JsonArray(),
            ["entered_zones"] = ours["zones"]?.DeepClone(),
            ["active"] = !isOver,
            ["stationary"] = false,
            ["has_snapshot"] = ours["snapshot_url"] is not null || ours["snapshot_topic"] is not null,
            ["has_clip"] = ours["clip_url"] is not null,
        };
    }
}
