using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using ActionStream.Core.Configuration;

namespace ActionStream.Host.Output;

/// <summary>How answers look as JSON: snake_case, indented, one document on standard output.</summary>
internal static class AnswerJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,

        // An answer that is not a number is to be seen, and not to cost all others.
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower), new SafeText() },
    };

    private static readonly JsonSerializerOptions OnOneLine = new(Options) { WriteIndented = false };

    /// <summary>One JSON document on standard output. Dictionary keys stay as they are.</summary>
    public static void Write(object answer) => Outputs.Checked.WriteLine(JsonSerializer.Serialize(answer, Options));

    /// <summary>The same on one line, as text.</summary>
    public static string Line(object answer) => JsonSerializer.Serialize(answer, OnOneLine);

    /// <summary>The same, to be put together with others.</summary>
    public static JsonNode? ToNode(object answer) => JsonSerializer.SerializeToNode(answer, Options);

    // Texts one by one: a password that is a number or the name of a member must not spoil the document.
    private sealed class SafeText : JsonConverter<string>
    {
        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString();

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
            writer.WriteStringValue(SafeUri.Scrub(value));
    }
}
