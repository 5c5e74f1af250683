using ActionStream.Core.Results;

namespace ActionStream.Publish.Mqtt.Messages;

/// <content>What is said of the node: who it is, and how it went in the last minute.</content>
public sealed partial class Payloads
{
    public byte[] NodeInfo(
        IEnumerable<ModelIdentity> models, IEnumerable<string> cameras, DateTimeOffset started, ModelStatus model) => Write(
        (models, cameras, started, model),
        (json, content) =>
        {
            json.WriteNumber("schema", Schema);
            json.WriteString("node", node.Node);
            json.WriteString("version", node.Version);
            json.WriteString("boot_id", node.BootId);
            json.WriteString("started", Iso(content.started));
            json.WriteString("device", content.model.Device);
            json.WriteString("model_state", Word(content.model.State));
            json.WriteString("model_reason", content.model.Reason);
            json.WriteStartArray("models");
            foreach (var model in content.models)
            {
                json.WriteStartObject();
                json.WriteString("name", model.Name);
                json.WriteString("version", model.Version);
                json.WriteBoolean("trained", model.Trained);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            Words(json, "cameras", content.cameras);
        });

    public byte[] NodeStats(NodeStats stats) => Write(
        stats,
        (json, content) =>
        {
            json.WriteNumber("schema", Schema);
            json.WriteString("node", node.Node);
            json.WriteString("boot_id", node.BootId);
            json.WriteString("time", Iso(content.Time));
            json.WriteNumber("uptime_s", Math.Round(content.Uptime.TotalSeconds));
            json.WriteNumber("decisions", content.Decisions);
            json.WriteNumber("events", content.Events);
            json.WriteNumber("open_events", content.OpenEvents);
            json.WriteNumber("published", content.Published);
            json.WriteNumber("spool_dropped", content.SpoolDropped);
            json.WriteStartObject("cameras");
            foreach (var camera in content.Cameras)
            {
                json.WriteStartObject(camera.Camera);
                json.WriteString("state", Word(camera.State));
                json.WriteNumber("fps", Math.Round(camera.Fps, 1));
                json.WriteBoolean("asleep", camera.IsAsleep);
                json.WriteNumber("decisions", camera.Decisions);
                if (camera.Latency is { } latency)
                {
                    json.WriteNumber("latency_ms", Math.Round(latency.TotalMilliseconds));
                }
                else
                {
                    json.WriteNull("latency_ms");
                }

                json.WriteEndObject();
            }

            json.WriteEndObject();
        });
}
