using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActionStream.Publish.Mqtt;

/// <summary>The end of an event that a crash cut off: made at the next start from the last message about it.</summary>
internal sealed record CrashEnd(string Camera, string Label, string EventId, string Topic)
{
    private static readonly JsonSerializerOptions Written = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private JsonObject Message { get; init; } = [];

    /// <summary>Null for a message that is not one of ours.</summary>
    /// <param name="livedUntil">When the service is known to have lived last: the event lasted at least until then.</param>
    public static CrashEnd? Of(SpooledEvent step, DateTimeOffset? livedUntil)
    {
        try
        {
            if (JsonNode.Parse(step.Payload.Span) is not JsonObject message)
            {
                return null;
            }

            var end = new CrashEnd(message["camera"].Text(), message["label"].Text(), step.Mark.Id, step.Topic) { Message = message };
            var start = message["start_time"].Number();
            var last = Math.Max(start, message["window"]?["end"].Number() ?? start);
            var until = livedUntil is { } lived ? Math.Max(last, lived.ToUnixTimeMilliseconds() / 1000m) : last;
            (message["type"], message["end_reason"], message["late"]) = ("end", "crashed", true);
            (message["end_time"], message["duration"]) = (until, until - start);
            return end;
        }
        catch (Exception odd) when (
            odd is JsonException or InvalidOperationException or FormatException or ArgumentException or OverflowException)
        {
            return null;
        }
    }

    /// <param name="seq">Its place among the messages that this process publishes on the topic.</param>
    public byte[] Payload(long seq, string bootId)
    {
        (Message["seq"], Message["boot_id"]) = (seq, bootId);
        return JsonSerializer.SerializeToUtf8Bytes(Message, Written);
    }
}

/// <summary>Reads JSON that somebody else may have damaged: what is missing is a fault of one kind.</summary>
file static class Fields
{
    public static string Text(this JsonNode? node) => node?.GetValue<string>() ?? throw new FormatException("a field is missing");

    public static decimal Number(this JsonNode? node) => node?.GetValue<decimal>() ?? throw new FormatException("a field is missing");
}
