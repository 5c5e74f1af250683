using System.Text.Json;
using ActionStream.Models.Graphs;

namespace ActionStream.Models.Networks;

/// <summary>Reads what a <see cref="ConfiguredNetwork"/> needs from its configuration, and says what is missing in words.</summary>
internal static class NetworkConfig
{
    // More than any network has; a width of a thousand million is a damaged file, not a network.
    private const int Most = 1 << 20;

    extension(JsonElement config)
    {
        /// <summary>A whole number from 1.</summary>
        public int Number(string name) => Count(name, Property(config, name) ?? throw Missing(name, "a whole number from 1"));

        /// <summary>A whole number from 1, or what stands for it.</summary>
        public int Number(string name, int otherwise) => Property(config, name) is { } value ? Count(name, value) : otherwise;

        /// <summary>A whole number from 0: a place, not a count.</summary>
        public int Place(string name) =>
            Property(config, name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out var place)
            && place is >= 0 and <= Most
                ? place
                : throw Missing(name, "a whole number from 0");

        public bool Flag(string name, bool otherwise) => Property(config, name) switch
        {
            null => otherwise,
            { ValueKind: JsonValueKind.True or JsonValueKind.False } value => value.GetBoolean(),
            _ => throw Missing(name, "true or false"),
        };

        public string Word(string name, params ReadOnlySpan<string> choices)
        {
            var word = Property(config, name) is { ValueKind: JsonValueKind.String } value
                ? value.GetString()!
                : throw Missing(name, $"one of {string.Join(", ", choices!)}");
            return choices.Length == 0 || choices.Contains(word) ? word : throw Missing(name, $"one of {string.Join(", ", choices!)}");
        }

        /// <summary>A list of whole numbers from 1.</summary>
        public int[] List(string name) =>
            Property(config, name) is { ValueKind: JsonValueKind.Array } value
                ? [.. value.EnumerateArray().Select(one => Count(name, one))]
                : throw Missing(name, "a list of whole numbers");

        public JsonElement Part(string name) =>
            Property(config, name) is { ValueKind: JsonValueKind.Object } value ? value : throw Missing(name, "an object");
    }

    /// <summary>True for what a wrong configuration or a wrong checkpoint does to a network that is built of it.</summary>
    public static bool IsWrong(Exception problem) => problem
        is ModelBuildException or WeightException or ShapeException
        or KeyNotFoundException or InvalidOperationException or FormatException
        or ArithmeticException or ArgumentException or IndexOutOfRangeException or JsonException;

    // Null, the word, means the same as not being there.
    private static JsonElement? Property(JsonElement config, string name) =>
        config.ValueKind == JsonValueKind.Object && config.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? value
            : null;

    private static int Count(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var count) && count is >= 1 and <= Most
            ? count
            : throw Missing(name, "a whole number from 1");

    private static ModelBuildException Missing(string name, string expected) =>
        new($"the configuration's {name} is missing or wrong; expected {expected}");
}
