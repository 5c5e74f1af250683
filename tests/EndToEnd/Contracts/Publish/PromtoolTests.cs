using System.Diagnostics;
using System.Diagnostics.Metrics;
using ActionStream.Core.Modelling;
using ActionStream.Core.Results;
using ActionStream.Core.Stages;
using ActionStream.EndToEnd.Support;
using ActionStream.Publish;
using ActionStream.Publish.Metrics;
using ActionStream.Publish.Mqtt.Sending;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionStream.EndToEnd.Contracts.Publish;

public sealed class PromtoolTests
{
    [NeedsFact("promtool")]
    public async Task Promtool_has_nothing_to_say_about_what_we_export()
    {
        using var meter = new Meter("actionstream");
        using var bridge = new MeterBridge(meter);
        _ = new ProcessMeter(meter, "0.1.0", TimeProvider.System);
        var stage = new StageMeter(meter, "publish", DropReason.QueueFull);
        await using var scores = new StageChannel<ClipScores>(new(4), stage);
        using var link = new MqttLink(new(), "edge", meter, TimeProvider.System, new Random(1), NullLogger<MqttLink>.Instance);
        _ = new PublishStage(
            scores, [new("front", new ModelCard { Name = "toy", Labels = ["fall", "Ä \"b\"\\"] }, new())],
            new("edge", "boot", "0.1.0", "cpu"), link, stage, meter, TimeProvider.System, NullLogger<PublishStage>.Instance);
        stage.Finished(TimeSpan.FromMilliseconds(3));

        using var page = new MemoryStream();
        await bridge.WriteAsync(page, default);
        using var promtool = Process.Start(new ProcessStartInfo("promtool", ["check", "metrics"])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        await promtool.StandardInput.BaseStream.WriteAsync(page.ToArray());
        promtool.StandardInput.Close();
        var said = await promtool.StandardError.ReadToEndAsync() + await promtool.StandardOutput.ReadToEndAsync();
        await promtool.WaitForExitAsync();

        Assert.Equal("", said);
        Assert.Equal(0, promtool.ExitCode);
        Assert.Contains("actionstream_events_total", System.Text.Encoding.UTF8.GetString(page.ToArray()), StringComparison.Ordinal);
    }
}
