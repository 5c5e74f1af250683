using System.Text;
using System.Text.Json.Nodes;
using ActionStream.Host.Output;

namespace ActionStream.Bench.Reporting;

/// <summary>One measurement, told three ways: as JSON, as tables, as a Markdown page to keep.</summary>
/// <param name="name">The sub-command.</param>
/// <param name="question">What was compared with what, in one sentence.</param>
/// <param name="figures">Key and value as in the JSON; a list of records becomes a table of its own.</param>
/// <param name="command">What to type to measure it again.</param>
internal sealed class BenchReport(string name, string question, string command, object figures, params IReadOnlyList<Threshold> thresholds)
{
    private readonly JsonObject _figures = (JsonObject)AnswerJson.ToNode(figures)!;
    private readonly Machine _machine = Machine.Here();

    public string Question => question;

    public IReadOnlyList<Threshold> Thresholds => thresholds;

    /// <summary>False if a threshold was missed.</summary>
    public bool Holds => thresholds.All(threshold => threshold.Holds);

    public JsonObject ToJson() => new(
    [
        new("bench", name),
        .. _figures.Select(figure => new KeyValuePair<string, JsonNode?>(figure.Key, figure.Value?.DeepClone())),
        new("thresholds", AnswerJson.ToNode(thresholds)),
        new("ok", Holds),
        new("machine", AnswerJson.ToNode(_machine)),
    ]);

    public string ToMarkdown()
    {
        var page = new StringBuilder($"# bench {name}\n\n{question}\n\n    {command}\n");
        foreach (var (title, columns, rows) in Tables())
        {
            page.Append(title is null ? "\n" : $"\n## {title}\n\n")
                .Append($"| {string.Join(" | ", columns)} |\n|{string.Concat(Enumerable.Repeat("---|", columns.Length))}\n");
            foreach (var row in rows)
            {
                page.Append($"| {string.Join(" | ", row)} |\n");
            }
        }

        page.Append('\n');
        foreach (var threshold in thresholds)
        {
            page.Append($"* {threshold}\n");
        }

        return page.ToString();
    }

    /// <summary>The figures as tables: single ones, summary statistics, lists, and the machine.</summary>
    public IEnumerable<(string? Title, string[] Columns, IEnumerable<string[]> Rows)> Tables()
    {
        var singles = _figures.Where(figure => figure.Value is not JsonArray and not JsonObject);
        yield return (null, ["figure", "value"], singles.Select(figure => new[] { figure.Key, Text(figure.Value) }));

        var summaries = _figures.Where(figure => IsSummary(figure.Value)).ToArray();
        if (summaries.Length > 0)
        {
            yield return ("statistics", ["figure", "median", "min", "max"], summaries.Select(figure =>
                new[] { figure.Key, Text(figure.Value!["median"]), Text(figure.Value["min"]), Text(figure.Value["max"]) }));
        }

        foreach (var (key, value) in _figures)
        {
            if (value is JsonArray { Count: > 0 } list && list[0] is JsonObject first)
            {
                yield return (key, [.. first.Select(column => column.Key)],
                    list.Select(row => row!.AsObject().Select(cell => Text(cell.Value)).ToArray()));
            }
            else if (value is JsonObject map && !IsSummary(map))
            {
                yield return (key, ["", "value"], map.Select(entry => new[] { entry.Key, Text(entry.Value) }));
            }
        }

        var machine = (JsonObject)AnswerJson.ToNode(_machine)!;
        yield return ("machine", ["", "value"], machine.Select(entry => new[] { entry.Key, Text(entry.Value) }));
    }

    private static bool IsSummary(JsonNode? value) => value is JsonObject map && map.Count == 3 && map.ContainsKey("median");

    private static string Text(JsonNode? value) => value is null ? "–" : value.ToString();
}
