using System.Diagnostics.Metrics;
using System.Text;
using ActionStream.Core.Modelling;
using ActionStream.Core.Results;
using ActionStream.Core.Stages;
using ActionStream.Publish;
using ActionStream.Publish.Metrics;
using ActionStream.Publish.Mqtt.Sending;
using ActionStream.Unit.Publish.Mqtt;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Publish;

public sealed class PublishMetricsTests
{
    [Fact]
    public async Task The_names_and_types_on_the_metrics_page_are_the_documented_ones()
    {
        using var meter = new Meter("actionstream");
        using var bridge = new MeterBridge(meter);
        var clock = new FakeClock();
        _ = new ProcessMeter(meter, "0.1.0", clock);
        var stage = new StageMeter(meter, "publish", DropReason.QueueFull);
        await using var scores = new StageChannel<ClipScores>(new(4), stage);
        using var link = new MqttLink(new(), "edge", meter, clock, new Random(1), new LogLines<MqttLink>(), new FakeBroker().CreateClient);
        var publish = new PublishStage(
            scores, [new("front", new ModelCard { Name = "toy", Labels = ["fall"] }, new() { MinDuration = TimeSpan.Zero })],
            new("edge", "boot", "0.1.0", "cpu"), link, stage, meter, clock, new LogLines<PublishStage>());
        await scores.WriteAsync(new("front", 0, default, default, [0.9f], "cpu", 0, 0), default);
        scores.Complete();
        await publish.RunAsync(default).WaitAsync(TimeSpan.FromSeconds(10));

        using var page = new MemoryStream();
        await bridge.WriteAsync(page, default);
        var text = Encoding.UTF8.GetString(page.ToArray());
        Assert.Contains("actionstream_events_total{camera=\"front\",label=\"fall\",type=\"start\"} 1", text, StringComparison.Ordinal);
        Assert.Contains("actionstream_events_total{camera=\"front\",label=\"fall\",type=\"update\"} 0", text, StringComparison.Ordinal);
        var types = text.Split('\n')
            .Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(line => line["# TYPE ".Length..])
            .Order(StringComparer.Ordinal);
        Golden.Equals(string.Join('\n', types), "metrics.txt");
    }
}
