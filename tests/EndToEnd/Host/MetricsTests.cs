using System.Text.RegularExpressions;
using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Host;

public sealed partial class MetricsTests
{
    [NeedsFact("ffmpeg", "mosquitto", "promtool")]
    public async Task A_running_service_exports_just_what_docs_metrics_md_lists_and_promtool_has_no_complaint()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var listener = await Listener.StartAsync(broker.Port, "actionstream/camera/scores");
        await using var service = await Service.StartAsync(
            $"""
            node: metrics
            model: {"{"}path: {TestModel.Folder}, device: cpu{"}"}
            http: {"{"}port: 0{"}"}
            mqtt: {"{"}port: {broker.Port}{"}"}
            cameras:
              camera: {"{"}url: "lavfi:testsrc2=size=160x120:rate=25", hop: 1, events: {"{"}scores: every{"}"}{"}"}
            """);
        await listener.NextAsync(message => message.Json.GetProperty("seq").GetInt64() >= 3, TimeSpan.FromSeconds(20));

        var first = await service.GetAsync("/metrics");
        var types = TypeLine().Matches(first).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        var documented = DocumentedLine().Matches(await File.ReadAllTextAsync(Path.Combine(Parts.Root, "docs/metrics.md")))
            .ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        Assert.Equal(documented.OrderBy(entry => entry.Key), types.OrderBy(entry => entry.Key));

        var page = Path.GetTempFileName();
        await File.WriteAllTextAsync(page, first);
        await using (var promtool = new Child("sh", ["-c", $"promtool check metrics < {page}"]))
        {
            Assert.True(await promtool.ExitAsync(TimeSpan.FromSeconds(10)) == 0, promtool.All);
            Assert.Equal("", promtool.All);
        }

        File.Delete(page);
        await listener.NextAsync(message => message.Json.GetProperty("seq").GetInt64() >= 8, TimeSpan.FromSeconds(20));
        var second = await service.GetAsync("/metrics");
        foreach (var counter in types.Where(type => type.Value == "counter").Select(type => type.Key))
        {
            Assert.EndsWith("_total", counter, StringComparison.Ordinal);
            Assert.True(Service.Metric(second, counter) >= Service.Metric(first, counter), $"{counter} went down");
        }

        Assert.True(Service.Metric(second, "actionstream_decisions_total") > Service.Metric(first, "actionstream_decisions_total"));
        Assert.Equal(1, Service.Metric(second, "actionstream_child_processes"));
        Assert.DoesNotContain("http://", second, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^# TYPE (\S+) (\S+)$", RegexOptions.Multiline)]
    private static partial Regex TypeLine();

    [GeneratedRegex(@"^\| `(actionstream_\w+)` \| (\w+) \|", RegexOptions.Multiline)]
    private static partial Regex DocumentedLine();
}
