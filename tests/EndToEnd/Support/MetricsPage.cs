using System.Text;
using System.Text.RegularExpressions;

namespace ActionStream.EndToEnd.Support;

/// <summary>What a /metrics page says of its metrics, and the table that docs/metrics.md makes of it.</summary>
internal static partial class MetricsPage
{
    public sealed record Family(string Name, string Type, IReadOnlyList<string> Labels, string Meaning)
    {
        /// <summary>As its name says: one unit for each, and base units only.</summary>
        public string Unit =>
            Name.Replace("_total", "", StringComparison.Ordinal) is var name && name.EndsWith("_seconds", StringComparison.Ordinal) ? "s"
                : name.EndsWith("_bytes", StringComparison.Ordinal) ? "bytes"
                : name.EndsWith("_ratio", StringComparison.Ordinal) ? "0 to 1"
                : "";
    }

    public static IReadOnlyList<Family> Read(string page)
    {
        var help = HelpLine().Matches(page).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        var labels = new Dictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (Match series in SeriesLine().Matches(page))
        {
            var names = labels.TryGetValue(series.Groups[1].Value, out var known) ? known : labels[series.Groups[1].Value] = new(
                StringComparer.Ordinal);
            names.UnionWith(LabelName().Matches(series.Groups[2].Value).Select(match => match.Groups[1].Value));
        }

        return
        [
            .. TypeLine().Matches(page).Select(match => (Name: match.Groups[1].Value, Type: match.Groups[2].Value))
                .OrderBy(family => family.Name, StringComparer.Ordinal)
                .Select(family => new Family(
                    family.Name, family.Type,
                    [.. labels.GetValueOrDefault(family.Type == "histogram" ? family.Name + "_count" : family.Name) ?? []],
                    help[family.Name])),
        ];
    }

    /// <summary>The table between the marks of docs/metrics.md.</summary>
    public static string Table(IEnumerable<Family> families)
    {
        var table = new StringBuilder("| metric | type | unit | labels | says |\n|---|---|---|---|---|\n");
        foreach (var family in families)
        {
            table.Append(
                $"| `{family.Name}` | {family.Type} | {family.Unit} | {string.Join(", ", family.Labels)} | "
                + $"{family.Meaning.Replace("|", "\\|", StringComparison.Ordinal)} |\n");
        }

        return table.ToString();
    }

    [GeneratedRegex(@"^# TYPE (\S+) (\S+)$", RegexOptions.Multiline)]
    private static partial Regex TypeLine();

    [GeneratedRegex(@"^# HELP (\S+) (.*)$", RegexOptions.Multiline)]
    private static partial Regex HelpLine();

    [GeneratedRegex(@"^([a-z_]+)(?:\{(.*)\})? \S+$", RegexOptions.Multiline)]
    private static partial Regex SeriesLine();

    [GeneratedRegex(@"(?:^|,)([a-z_]+)=""")]
    private static partial Regex LabelName();
}
