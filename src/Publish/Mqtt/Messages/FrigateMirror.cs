using System.Text.Json;
using System.Text.Json.Nodes;
using ActionStream.Core.Results;
using ActionStream.Publish.Events;
using ActionStream.Publish.Mqtt.Sending;

namespace ActionStream.Publish.Mqtt.Messages;

/// <summary>Says each event once more in the shape of Frigate's topics, so that automations written for it need only another prefix.</summary>
/// <remarks>It reads our own message, so both always say the same. What Frigate knows and we do not, as boxes, is left out.</remarks>
internal sealed class FrigateMirror(string prefix, MqttLink link)
{
    private readonly Dictionary<string, JsonObject> _last = new(StringComparer.Ordinal);

    public void Introduce() => link.PostRetained(MessageKind.NodeStatus, $"{prefix}/available", Payloads.Online);

    public void PublishOffline() => link.PostRetained(MessageKind.NodeStatus, $"{prefix}/available", Payloads.Offline);

    public string CountTopic(string camera, string classSlug) => $"{prefix}/{Slug.Of(camera)}/{classSlug}";

    /// <param name="message">Our own, as published.</param>
    public void Publish(ReadOnlyMemory<byte> message)
    {
        if (JsonNode.Parse(message.Span) is not JsonObject ours)
        {
            return;
        }

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

        // The mark says end, so that a crash is repaired once, in our own topic, which comes by here again.
        link.PostEvent($"{prefix}/events", JsonSerializer.SerializeToUtf8Bytes(whole, JsonSerializerOptions.Default), new($"frigate/{id}", EventType.End));
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
            ["has_snapshot"] = false,
            ["has_clip"] = false,
        };
    }
}
