using System.Text.RegularExpressions;

namespace ActionStream.EndToEnd.Support;

/// <summary>The metrics that docs/metrics.md lists, which a test holds against a running service.</summary>
internal static partial class MetricNames
{
    private static readonly Lazy<Dictionary<string, string>> Types = new(() => Row()
        .Matches(File.ReadAllText(Path.Combine(Parts.Root, "docs", "metrics.md")))
        .ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value));

    /// <summary>Names of ours in a text that no service exports.</summary>
    public static IReadOnlyList<string> Unknown(string text) =>
        [.. Name().Matches(text).Select(match => match.Value).Distinct().Where(name => !IsKnown(name))];

    private static bool IsKnown(string name) => Types.Value.TryGetValue(name, out var type)
        ? type != "histogram" // its series have other names
        : Types.Value.GetValueOrDefault(Part().Replace(name, "")) == "histogram";

    [GeneratedRegex(@"^\| `((?:actionstream|process)_\w+)` \| (counter|gauge|histogram) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"\b(?:actionstream|process)_\w+")]
    private static partial Regex Name();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Part();
}
