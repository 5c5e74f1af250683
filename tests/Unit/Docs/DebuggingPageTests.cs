using System.Text.RegularExpressions;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Docs;

/// <summary>docs/debugging.md is read when something is wrong: every metric, setting and word that it names has to exist.</summary>
public sealed partial class DebuggingPageTests
{
    private static readonly string Page = File.ReadAllText(Repository.At("docs", "debugging.md"));
    private static readonly Yaml Settings = Yaml.Read("configs", "default.yaml");

    [Fact]
    public void Every_metric_is_one_of_ours()
    {
        var table = File.ReadAllText(Repository.At("docs", "metrics.md"));
        var named = Metric().Matches(Page)
            .Select(match => match.Value.Replace("_bucket", "", StringComparison.Ordinal)).Distinct().ToArray();
        Assert.True(named.Length > 30, string.Join(", ", named));
        Assert.DoesNotContain(named, name => !table.Contains($"| `{name}` |", StringComparison.Ordinal));

        var searched = Searched().Matches(Page).SelectMany(match => match.Groups[1].Value.Split('|')).ToArray();
        Assert.True(searched.Length > 10, string.Join(", ", searched));
        Assert.DoesNotContain(searched, part => !table.Contains(part, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_setting_with_a_dot_is_in_the_reference()
    {
        var all = Names(Settings, "").ToHashSet(StringComparer.Ordinal);
        var named = Setting().Matches(Page).Select(match => match.Groups[1].Value).Distinct().ToArray();
        Assert.True(named.Length > 25, string.Join(", ", named));
        Assert.DoesNotContain(named, name => !all.Contains(name.Replace("<class>", "fall", StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_status_and_reason_is_one_that_the_messages_have()
    {
        var words = File.ReadAllText(Repository.At("docs", "mqtt.md")) + File.ReadAllText(Repository.At("docs", "metrics.md"));
        var metrics = File.ReadAllText(Repository.At("tests", "Unit", "Publish", "golden", "metrics.txt"));
        var named = Word().Matches(Page).Select(match => match.Groups[1].Value).Distinct()
            .Where(word => !metrics.Contains($"\n{word} ", StringComparison.Ordinal)).ToArray();
        Assert.Contains("no_video", named);
        Assert.DoesNotContain(named, word => !words.Contains($"`{word}`", StringComparison.Ordinal) && !IsSetting(word));

        static bool IsSetting(string word) =>
            Names(Settings, "").Any(name => name == word || name.EndsWith("." + word, StringComparison.Ordinal));
    }

    /// <summary>With their sections, and a camera's also as they stand in a camera.</summary>
    private static IEnumerable<string> Names(Yaml at, string path)
    {
        foreach (var (key, below) in at.Keys.Zip(at.Items))
        {
            var name = path.Length == 0 ? key : $"{path}.{key}";
            yield return name;
            foreach (var deeper in Names(below, name == "cameras.front_door" ? "" : name))
            {
                yield return deeper;
            }
        }
    }

    [GeneratedRegex("actionstream_[a-z_]+[a-z]")]
    private static partial Regex Metric();

    [GeneratedRegex(@"grep -E (?:\\\s+)?'([^']+)'")]
    private static partial Regex Searched();

    [GeneratedRegex(@"`((?:model|mqtt|http|media|tracing|events|quality)(?:\.[a-z_<>]+)+)(?:: [^`]+)?`")]
    private static partial Regex Setting();

    /// <summary>Words with an underscore: reasons, fields and settings look like this, and prose does not.</summary>
    [GeneratedRegex("`([a-z]+(?:_[a-z]+)+)`")]
    private static partial Regex Word();
}
