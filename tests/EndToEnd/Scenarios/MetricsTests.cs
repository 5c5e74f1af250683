using ActionStream.Core.Files;
using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Scenarios;

public sealed class MetricsTests
{
    private const string Begin = "<!-- The table is made from a running service: make golden -->\n";
    private const string End = "<!-- end of the table -->\n";

    private static readonly string Document = Path.Combine(Parts.Root, "docs", "metrics.md");

    [NeedsFact("ffmpeg", "mosquitto", "promtool")]
    public async Task A_running_service_exports_just_what_docs_metrics_md_lists_and_promtool_has_no_complaint()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var listener = await Listener.StartAsync(broker.Port, "actionstream/camera/scores");
        using var folder = new TemporaryFolder("metrics");
        await using var service = await Service.StartAsync(
            $"""
            node: metrics
            history: {"{"}path: {folder.At("history.db")}{"}"}
            model: {"{"}path: {TestModel.Folder}, device: cpu{"}"}
            http: {"{"}port: 0{"}"}
            mqtt: {"{"}port: {broker.Port}{"}"}
            cameras:
              camera: {"{"}url: "lavfi:testsrc2=size=160x120:rate=25", hop: 1, events: {"{"}scores: every{"}"}{"}"}
            """);
        await listener.NextAsync(message => message.Json.GetProperty("seq").GetInt64() >= 3, TimeSpan.FromSeconds(20));

        var first = await service.GetAsync("/metrics");
        var families = MetricsPage.Read(first);
        await HoldAgainstDocumentAsync(MetricsPage.Table(families));

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
        foreach (var counter in families.Where(family => family.Type == "counter").Select(family => family.Name))
        {
            Assert.EndsWith("_total", counter, StringComparison.Ordinal);
            Assert.True(Service.Metric(second, counter) >= Service.Metric(first, counter), $"{counter} went down");
        }

        Assert.True(Service.Metric(second, "actionstream_decisions_total") > Service.Metric(first, "actionstream_decisions_total"));
        Assert.Equal(1, Service.Metric(second, "actionstream_child_processes"));
        Assert.DoesNotContain("http://", second, StringComparison.Ordinal);
    }

    private static async Task HoldAgainstDocumentAsync(string table)
    {
        var text = await File.ReadAllTextAsync(Document);
        var (begin, end) = (text.IndexOf(Begin, StringComparison.Ordinal), text.IndexOf(End, StringComparison.Ordinal));
        Assert.True(begin >= 0 && end > begin, "docs/metrics.md has lost the marks of its table");
        var today = text[..(begin + Begin.Length)] + table + text[end..];
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            await File.WriteAllTextAsync(Document, text = today);
        }

        Assert.Equal(today, text);
    }
}
