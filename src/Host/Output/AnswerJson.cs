using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

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
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>One JSON document on standard output. Dictionary keys stay as they are.</summary>
    public static void Write(object answer) => Console.Out.WriteLine(JsonSerializer.Serialize(answer, Options));

    /// <summary>The same, to be put together with others.</summary>
    public static JsonNode? ToNode(object answer) => JsonSerializer.SerializeToNode(answer, Options);
}
