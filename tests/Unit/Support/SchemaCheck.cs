using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ActionStream.Unit.Support;

/// <summary>Holds a document against a JSON schema, as far as ours goes; a keyword it does not know fails the test, so that none is passed over.</summary>
internal static class SchemaCheck
{
    private static readonly HashSet<string> Notes = ["$schema", "title", "description", "default", "definitions", "properties"];

    /// <summary>Where the document does not fit.</summary>
    public static IReadOnlyList<string> Problems(JsonObject schema, JsonNode? document) => [.. Check(schema, schema, document, "$").Distinct()];

    private static IEnumerable<string> Check(JsonObject root, JsonObject schema, JsonNode? node, string path) =>
        schema.SelectMany(keyword => Check(root, schema, keyword.Key, keyword.Value!, node, path));

    private static IEnumerable<string> Check(JsonObject root, JsonObject schema, string keyword, JsonNode rule, JsonNode? node, string path) => keyword switch
    {
        _ when Notes.Contains(keyword) => [],
        "$ref" => Check(root, (JsonObject)((string)rule!).Split('/').Skip(1).Aggregate((JsonNode)root, (at, name) => at[name]!), node, path),
        "allOf" => ((JsonArray)rule).SelectMany(part => Check(root, (JsonObject)part!, node, path)),
        "anyOf" => Unless(((JsonArray)rule).Any(part => !Check(root, (JsonObject)part!, node, path).Any()), path),
        "type" => Unless((rule is JsonArray types ? types : [rule.DeepClone()]).Any(type => IsA(node, (string)type!)), path),
        "enum" => Unless(((JsonArray)rule).Any(choice => JsonNode.DeepEquals(choice, node)), path),
        "pattern" => Unless(node?.GetValueKind() != JsonValueKind.String || Regex.IsMatch((string)node!, (string)rule!), path),
        "required" => Unless(node is not JsonObject section || ((JsonArray)rule).All(name => section.ContainsKey((string)name!)), path),
        "minProperties" => Unless(node is not JsonObject filled || filled.Count >= (int)rule, path),
        "propertyNames" => node is JsonObject named
            ? named.SelectMany(entry => Check(root, (JsonObject)rule, entry.Key, $"{path}.{entry.Key}"))
            : [],
        "items" => node is JsonArray list ? list.SelectMany((item, i) => Check(root, (JsonObject)rule, item, $"{path}.{i}")) : [],
        "additionalProperties" => node is JsonObject section ? section.SelectMany(entry => Entry(root, schema, rule, entry, $"{path}.{entry.Key}")) : [],
        _ => throw new NotSupportedException($"{keyword} at {path}"),
    };

    private static IEnumerable<string> Entry(JsonObject root, JsonObject schema, JsonNode others, KeyValuePair<string, JsonNode?> entry, string path) =>
        schema["properties"]?[entry.Key] is JsonObject known ? Check(root, known, entry.Value, path)
        : others is JsonObject any ? Check(root, any, entry.Value, path)
        : [path];

    private static bool IsA(JsonNode? node, string type) => (node?.GetValueKind() ?? JsonValueKind.Null) switch
    {
        JsonValueKind.Null => type == "null",
        JsonValueKind.True or JsonValueKind.False => type == "boolean",
        JsonValueKind.Number => type == "number" || (type == "integer" && node!.AsValue().TryGetValue<long>(out _)),
        JsonValueKind.String => type == "string",
        JsonValueKind.Array => type == "array",
        _ => type == "object",
    };

    private static IEnumerable<string> Unless(bool isFine, string path) => isFine ? [] : [path];
}
