using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ActionStream.Host.Output;

namespace ActionStream.Host.Tracing;

/// <summary>Spans as OTLP writes them in JSON (opentelemetry.io/docs/specs/otlp): ids in hex, 64-bit numbers as text.</summary>
internal static class OtlpJson
{
    public static byte[] Write(IReadOnlyList<Activity> spans, string node)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("resourceSpans");
            json.WriteStartObject();
            json.WriteStartObject("resource");
            Attributes(json, [new("service.name", "actionstream"), new("service.version", Product.Version), new("service.instance.id", node)]);
            json.WriteEndObject();
            json.WriteStartArray("scopeSpans");
            json.WriteStartObject();
            json.WriteStartObject("scope");
            json.WriteString("name", DecisionTracer.Source);
            json.WriteString("version", Product.Version);
            json.WriteEndObject();
            json.WriteStartArray("spans");
            foreach (var span in spans)
            {
                Span(json, span);
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static void Span(Utf8JsonWriter json, Activity span)
    {
        json.WriteStartObject();
        json.WriteString("traceId", span.TraceId.ToHexString());
        json.WriteString("spanId", span.SpanId.ToHexString());
        if (span.ParentSpanId != default)
        {
            json.WriteString("parentSpanId", span.ParentSpanId.ToHexString());
        }

        json.WriteString("name", span.DisplayName);
        json.WriteNumber("kind", 1); // internal
        json.WriteString("startTimeUnixNano", Nanoseconds(span.StartTimeUtc));
        json.WriteString("endTimeUnixNano", Nanoseconds(span.StartTimeUtc + span.Duration));
        Attributes(json, span.TagObjects);
        json.WriteEndObject();
    }

    private static void Attributes(Utf8JsonWriter json, IEnumerable<KeyValuePair<string, object?>> tags)
    {
        json.WriteStartArray("attributes");
        foreach (var (name, value) in tags)
        {
            json.WriteStartObject();
            json.WriteString("key", name);
            json.WriteStartObject("value");
            switch (value)
            {
                case long number:
                    json.WriteString("intValue", number.ToString(CultureInfo.InvariantCulture));
                    break;
                case double number:
                    json.WriteNumber("doubleValue", number);
                    break;
                default:
                    json.WriteString("stringValue", value?.ToString());
                    break;
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Nanoseconds(DateTime at) =>
        ((at - DateTime.UnixEpoch).Ticks * 100).ToString(CultureInfo.InvariantCulture);
}
