using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace ActionStream.Unit.Support;

/// <summary>Holds documents against a JSON schema, as an editor would.</summary>
internal sealed class SchemaCheck(JsonObject schema)
{
    private static readonly EvaluationOptions Nested = new() { OutputFormat = OutputFormat.Hierarchical };

    private readonly JsonSchema _schema = JsonSchema.FromText(schema.ToJsonString());

    /// <summary>Where the document does not fit.</summary>
    public IReadOnlyList<string> Problems(JsonNode? document) =>
        [.. Places(_schema.Evaluate(JsonSerializer.SerializeToElement(document), Nested)).Distinct()];

    // Within a rule that holds, alternatives that do not are no problem.
    private static IEnumerable<string> Places(EvaluationResults rule) => rule.IsValid
        ? []
        : (rule.Details ?? []).SelectMany(Places).Concat(rule.Errors is null ? [] : [$"${rule.InstanceLocation}".Replace('/', '.')]);
}
