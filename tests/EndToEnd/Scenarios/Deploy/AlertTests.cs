using System.Text.RegularExpressions;
using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Scenarios.Deploy;

/// <summary>Alerts and the dashboard, as Prometheus itself reads them.</summary>
public sealed partial class AlertTests
{
    private static readonly string Folder = Path.Combine(Parts.Root, "configs", "prometheus");
    private static readonly string[] Alerts =
        [.. AlertLine().Matches(File.ReadAllText(Path.Combine(Folder, "alerts.yml"))).Select(match => match.Groups[1].Value)];

    [NeedsFact("promtool")]
    public async Task Every_alert_fires_when_it_should_and_not_before()
    {
        Assert.Equal((0, ""), await PromtoolAsync("test", "rules", Path.Combine(Folder, "alerts.test.yml")));
        var tested = TestLine().Matches(await File.ReadAllTextAsync(Path.Combine(Folder, "alerts.test.yml")))
            .Select(match => match.Groups[1].Value).Distinct();
        Assert.Equal(Alerts.Order(), tested.Order());
    }

    [NeedsFact("promtool")]
    public async Task A_test_of_alerts_can_fail()
    {
        // The same tests over rules in which one threshold is out of reach.
        var folder = Directory.CreateTempSubdirectory("alerts-").FullName;
        var rules = await File.ReadAllTextAsync(Path.Combine(Folder, "alerts.yml"));
        await File.WriteAllTextAsync(
            Path.Combine(folder, "alerts.yml"),
            rules.Replace("actionstream_load_degradation_level > 0", "actionstream_load_degradation_level > 9", StringComparison.Ordinal));
        File.Copy(Path.Combine(Folder, "alerts.test.yml"), Path.Combine(folder, "alerts.test.yml"));
        var (code, said) = await PromtoolAsync("test", "rules", Path.Combine(folder, "alerts.test.yml"));
        Directory.Delete(folder, recursive: true);
        Assert.NotEqual(0, code);
        Assert.Contains("ActionStreamOverloaded", said, StringComparison.Ordinal);
    }

    [NeedsFact("promtool")]
    public async Task The_configuration_of_Prometheus_is_valid() =>
        Assert.Equal(0, (await PromtoolAsync("check", "config", Path.Combine(Folder, "prometheus.yml"))).Code);

    [Fact]
    public async Task Every_alert_is_explained_and_asks_for_metrics_that_exist()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(Parts.Root, "docs", "operating.md"));
        Assert.All(Alerts, alert => Assert.Contains($"| `{alert}` |", page, StringComparison.Ordinal));
        Assert.Empty(MetricNames.Unknown(await File.ReadAllTextAsync(Path.Combine(Folder, "alerts.yml"))));
    }

    // What promtool says on its way to a good end is no news.
    private static async Task<(int Code, string Said)> PromtoolAsync(params string[] arguments)
    {
        await using var promtool = new Child("promtool", arguments);
        var code = await promtool.ExitAsync(TimeSpan.FromSeconds(60));
        return (code, code == 0 ? "" : promtool.All);
    }

    [GeneratedRegex(@"^ *- alert: (\w+)$", RegexOptions.Multiline)]
    private static partial Regex AlertLine();

    [GeneratedRegex(@"^ *alertname: (\w+)$", RegexOptions.Multiline)]
    private static partial Regex TestLine();
}
