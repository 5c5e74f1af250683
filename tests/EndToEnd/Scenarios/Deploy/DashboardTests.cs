using System.Text;
using System.Text.Json.Nodes;
using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Scenarios.Deploy;

/// <summary>configs/grafana/actionstream.json: no Grafana here, so its expressions are read by Prometheus' own
/// parser and its names are looked up.</summary>
public sealed class DashboardTests
{
    private static readonly JsonNode Dashboard = JsonNode.Parse(
        File.ReadAllText(Path.Combine(Parts.Root, "configs", "grafana", "actionstream.json")))!;

    private static readonly (string Panel, string Text)[] Expressions =
    [
        .. Dashboard["panels"]!.AsArray().SelectMany(
            panel => panel!["targets"]?.AsArray() ?? [], (panel, target) => ((string)panel!["title"]!, (string)target!["expr"]!)),
        .. Dashboard["annotations"]!["list"]!.AsArray().Select(note => ((string)note!["name"]!, (string)note["expr"]!)),
    ];

    [Fact]
    public void Every_expression_asks_for_a_metric_that_exists()
    {
        Assert.True(Expressions.Length > 30, $"{Expressions.Length} expressions");
        Assert.All(Expressions, one => Assert.True(MetricNames.Unknown(one.Text) is [], $"{one.Panel}: {one.Text}"));
        Assert.Empty(MetricNames.Unknown(Dashboard["templating"]!.ToJsonString()));
    }

    [NeedsFact("promtool")]
    public async Task Every_expression_is_one_that_Prometheus_can_read()
    {
        var rules = new StringBuilder("groups:\n  - name: dashboard\n    rules:\n");
        foreach (var (i, one) in Expressions.Index())
        {
            var text = one.Text.Replace("$__rate_interval", "1m", StringComparison.Ordinal)
                .Replace("$instance", ".*", StringComparison.Ordinal)
                .Replace("$camera", ".*", StringComparison.Ordinal);
            Assert.DoesNotContain("$", text, StringComparison.Ordinal);
            rules.Append($"      - record: panel:{i}\n        expr: '{text}'\n");
        }

        var path = Path.GetTempFileName();
        await File.WriteAllTextAsync(path, rules.ToString());
        await using var promtool = new Child("promtool", ["check", "rules", path]);
        Assert.True(await promtool.ExitAsync(TimeSpan.FromSeconds(30)) == 0, promtool.All);
        Assert.Contains($"{Expressions.Length} rules found", promtool.All, StringComparison.Ordinal);
        File.Delete(path);
    }

    [Fact]
    public void Panels_do_not_lie_on_each_other()
    {
        var taken = new HashSet<(int, int)>();
        foreach (var panel in Dashboard["panels"]!.AsArray())
        {
            var place = panel!["gridPos"]!;
            var (x, y) = ((int)place["x"]!, (int)place["y"]!);
            Assert.InRange(x + (int)place["w"]!, 1, 24);
            for (var at = 0; at < (int)place["w"]! * (int)place["h"]!; at++)
            {
                Assert.True(taken.Add((x + (at % (int)place["w"]!), y + (at / (int)place["w"]!))), (string?)panel["title"]);
            }
        }
    }
}
