using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ActionStream.Core.Configuration;
using ActionStream.Core.Results;
using ActionStream.Publish.Events;

namespace ActionStream.Publish.Mqtt.Messages;

/// <summary>Makes the JSON of every message. Times of events are seconds since 1970; the rest are ISO 8601.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The writer writes to memory and holds nothing that needs closing.")]
public sealed partial class Payloads(NodeIdentity node)
{
    public const int Schema = 1;

    private readonly Lock _lock = new();
    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly Utf8JsonWriter _json = new(
        Stream.Null, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });

    public static ReadOnlyMemory<byte> Online { get; } = "online"u8.ToArray();

    public static ReadOnlyMemory<byte> Offline { get; } = "offline"u8.ToArray();

    public static ReadOnlyMemory<byte> On { get; } = "ON"u8.ToArray();

    public static ReadOnlyMemory<byte> Off { get; } = "OFF"u8.ToArray();

    public static ReadOnlyMemory<byte> Number(double value) =>
        Encoding.ASCII.GetBytes(Rounded(value).ToString(CultureInfo.InvariantCulture));

    public byte[] CameraStatus(StreamStatus status) => Write(
        status,
        (json, content) =>
        {
            json.WriteString("state", Word(content.State));
            json.WriteString("reason", content.Reason);
            json.WriteString("since", Iso(content.Since));
            json.WriteNumber("fps", Math.Round(content.Fps, 1));
            json.WriteBoolean("asleep", content.IsAsleep);
            Words(json, "awake_because", content.Sleep?.AwakeBecause ?? []);
            json.WriteString("node", node.Node);
        });

    /// <param name="seq">Counts the messages of this camera's event topic since boot.</param>
    /// <param name="classSlug">The label as it stands in topics; also what Home Assistant calls the event's type.</param>
    /// <param name="snapshots">What its snapshots are called, where some are made.</param>
    public byte[] Event(ActionEvent step, string classSlug, long seq, ModelIdentity model, MediaNames? snapshots = null) => Write(
        (step, classSlug, seq, model, snapshots),
        (json, content) =>
        {
            var (step, classSlug, seq, model, snapshots) = content;
            json.WriteString("type", Word(step.Type));
            json.WriteString("event_type", classSlug);
            json.WriteNumber("schema", Schema);
            json.WriteString("event_id", step.Id);
            json.WriteNumber("seq", seq);
            json.WriteString("boot_id", node.BootId);
            json.WriteString("node", node.Node);
            json.WriteString("camera", step.Stream);
            json.WriteString("label", step.Label);
            json.WriteNumber("label_id", step.LabelId);
            json.WriteNumber("score", Rounded(step.Score));
            json.WriteNumber("top_score", Rounded(step.TopScore));
            json.WriteNumber("mean_score", Rounded(step.MeanScore));
            json.WriteNumber("start_time", Epoch(step.Start));
            if (step.End is { } end)
            {
                json.WriteNumber("end_time", Epoch(end));
            }
            else
            {
                json.WriteNull("end_time");
            }

            json.WriteNumber("duration", Math.Round(step.Duration.TotalSeconds, 3));
            Reanchored(json, step.Reanchored);
            ZonePayload.Entered(json, step.Zones);
            ZonePayload.Now(json, step.Decision.Zones);
            Window(json, step.Decision);
            Model(json, model, step.Decision);
            TopK(json, step.Decision);
            json.WriteString("end_reason", step.Reason is { } reason ? Word(reason) : null);
            json.WriteBoolean("late", false); // LatePayload makes it true
            Latency(json, step.Decision.Latency);
            json.WriteString("snapshot_topic", snapshots?.SnapshotTopic);
            json.WriteString("snapshot_url", snapshots?.SnapshotUrl);
            json.WriteString("contact_sheet_url", snapshots?.ContactSheetUrl);
            json.WriteString("clip_url", snapshots?.ClipUrl);
        });

    /// <summary>That a recording of an event is there.</summary>
    public byte[] Recording(ActionEvent step, string classSlug, string url, bool isWhole) => Write(
        (step, classSlug, url, isWhole),
        (json, content) =>
        {
            json.WriteNumber("schema", Schema);
            json.WriteString("event_id", content.step.Id);
            json.WriteString("event_type", content.classSlug);
            json.WriteString("boot_id", node.BootId);
            json.WriteString("node", node.Node);
            json.WriteString("camera", content.step.Stream);
            json.WriteString("label", content.step.Label);
            json.WriteString("clip_url", content.url);
            json.WriteBoolean("whole", content.isWhole);
        });

    /// <param name="seq">Counts the messages of this camera's scores topic since boot.</param>
    /// <returns>In memory from the shared pool: there is one of these per decision.</returns>
    public ReadOnlyMemory<byte> Scores(in Decision decision, long seq, ModelIdentity model) => Write(
        (node, decision, seq, model),
        static (json, content) =>
        {
            json.WriteNumber("schema", Schema);
            json.WriteNumber("seq", content.seq);
            json.WriteString("boot_id", content.node.BootId);
            json.WriteString("node", content.node.Node);
            json.WriteString("camera", content.decision.Stream);
            if (content.decision.IsAsleep)
            {
                json.WriteBoolean("asleep", true);
            }

            Window(json, content.decision);
            TopK(json, content.decision);
            ZonePayload.Now(json, content.decision.Zones);
            Model(json, content.model, content.decision);
            Latency(json, content.decision.Latency);
        },
        isPooled: true);

    private static void Words(Utf8JsonWriter json, string name, IEnumerable<string> words)
    {
        json.WriteStartArray(name);
        foreach (var word in words)
        {
            json.WriteStringValue(word);
        }

        json.WriteEndArray();
    }

    private static void Window(Utf8JsonWriter json, in Decision decision)
    {
        var quality = decision.Quality;
        json.WriteStartObject("window");
        json.WriteNumber("id", decision.Window);
        json.WriteNumber("start", Epoch(decision.Start));
        json.WriteNumber("end", Epoch(decision.End));
        Reanchored(json, decision.Reanchored);
        json.WriteNumber("frames", quality.Frames);
        json.WriteNumber("quality", Math.Round(quality.Score, 3));
        json.WriteNumber("dropped", quality.Held);
        json.WriteNumber("gap_ms", Math.Round(quality.LargestGap.TotalMilliseconds));
        json.WriteNumber("duplicates", quality.Duplicates);
        json.WriteNumber("frozen", quality.Frozen);
        json.WriteNumber("dark", quality.Dark);
        json.WriteNumber("damaged", quality.Damaged);
        json.WriteNumber("cuts", quality.Cuts);
        json.WriteEndObject();
    }

    // Only where it happened: nothing to look at in all other messages.
    private static void Reanchored(Utf8JsonWriter json, TimeSpan? by)
    {
        if (by is { } set)
        {
            json.WriteNumber("reanchored_s", Math.Round(set.TotalSeconds, 1));
        }
    }

    private static void Model(Utf8JsonWriter json, ModelIdentity model, Decision decision)
    {
        json.WriteStartObject("model");
        json.WriteString("name", model.Name);
        json.WriteString("version", model.Version);
        json.WriteString("device", decision.Device);
        json.WriteEndObject();
    }

    private static void TopK(Utf8JsonWriter json, in Decision decision)
    {
        json.WriteStartArray("topk");
        for (var i = 0; i < decision.TopK.Count; i++) // an enumerator would be one more object per decision
        {
            var (label, score) = decision.TopK[i];
            json.WriteStartArray();
            json.WriteStringValue(label);
            json.WriteNumberValue(Rounded(score));
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    // The total is the sum of what is shown, so that no reader finds them apart by a rounding.
    private static void Latency(Utf8JsonWriter json, StageLatency latency)
    {
        var total = 0.0;
        json.WriteStartObject("latency_ms");
        Part("capture", latency.Capture);
        Part("window", latency.Window);
        Part("queue", latency.Queue);
        Part("infer", latency.Infer);
        Part("post", latency.Post);
        Part("publish", latency.Publish);
        json.WriteNumber("total", Math.Round(total, 1));
        json.WriteEndObject();

        void Part(string stage, TimeSpan time)
        {
            var ms = Math.Round(time.TotalMilliseconds, 1);
            total += ms;
            json.WriteNumber(stage, ms);
        }
    }

    private byte[] Write<T>(T content, Action<Utf8JsonWriter, T> write) =>
        MemoryMarshal.TryGetArray(Write(content, write, isPooled: false), out var own) ? own.Array! : [];

    private ReadOnlyMemory<byte> Write<T>(T content, Action<Utf8JsonWriter, T> write, bool isPooled)
    {
        lock (_lock)
        {
            _buffer.ResetWrittenCount();
            _json.Reset(_buffer);
            _json.WriteStartObject();
            write(_json, content);
            _json.WriteEndObject();
            _json.Flush();
            var written = _buffer.WrittenSpan;
            var payload = isPooled ? ArrayPool<byte>.Shared.Rent(written.Length) : new byte[written.Length];
            written.CopyTo(payload);
            return payload.AsMemory(0, written.Length);
        }
    }

    private static string Word(Enum choice) => SettingName.Of(choice.ToString());

    private static double Rounded(double score) => Math.Round(score, 4);

    private static decimal Epoch(DateTimeOffset time) => time.ToUnixTimeMilliseconds() / 1000m;

    private static string Iso(DateTimeOffset time) => FormattableString.Invariant($"{time.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff}Z");
}
