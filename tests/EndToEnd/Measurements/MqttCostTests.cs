using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using ActionStream.Core.Configuration;
using ActionStream.Core.Modelling;
using ActionStream.Core.Results;
using ActionStream.Core.Stages;
using ActionStream.EndToEnd.Contracts.Publish;
using ActionStream.EndToEnd.Support;
using ActionStream.Publish;
using ActionStream.Publish.Mqtt.Client;
using ActionStream.Publish.Mqtt.Messages;
using ActionStream.Publish.Mqtt.Sending;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Measurements;

/// <summary>What a message costs; the numbers are printed, and only nonsense fails.</summary>
public sealed class MqttCostTests(ITestOutputHelper output)
{
    [NeedsFact("mosquitto")]
    public async Task A_message_is_through_the_broker_in_milliseconds_and_allocates_little()
    {
        const int Count = 1000;
        await using var broker = await new RealBroker().StartAsync();
        await using var reader = new MqttNetClient();
        await using var writer = new MqttNetClient();
        var inbox = Channel.CreateBounded<long>(10);
        reader.Received += message => inbox.Writer.TryWrite(Stopwatch.GetTimestamp());
        await reader.ConnectAsync(broker.Options, "reader", null, default);
        await reader.SubscribeAsync("cost", 1, default);
        await writer.ConnectAsync(broker.Options, "writer", null, default);
        var payload = new byte[700];
        foreach (var qos in (int[])[0, 1])
        {
            var times = new double[Count];
            var allocated = 0L;
            for (var i = -100; i < Count; i++)
            {
                if (i == 0)
                {
                    allocated = GC.GetTotalAllocatedBytes(precise: true);
                }

                var sent = Stopwatch.GetTimestamp();
                await writer.PublishAsync(new("cost", payload, qos, false), default);
                var arrived = await inbox.Reader.ReadAsync();
                times[Math.Max(i, 0)] = Stopwatch.GetElapsedTime(sent, arrived).TotalMilliseconds;
            }

            // Both clients live in this process, so half of it is the reader's copy.
            var bytes = (GC.GetTotalAllocatedBytes(precise: true) - allocated) / Count;
            Array.Sort(times);
            output.WriteLine(FormattableString.Invariant(
                $"MQTTnet {PackageVersion.Of("MQTTnet")}, QoS {qos}, 700 B: publish to received p50 {times[Count / 2]:0.000} ms, p99 {times[Count * 99 / 100]:0.000} ms; {bytes} B managed allocation per message sent and received"));
            Assert.True(times[Count / 2] < 100, $"median {times[Count / 2]} ms");
        }
    }

    [NeedsFact("mosquitto")]
    public async Task A_decision_published_as_scores_allocates_little()
    {
        const int Count = 1000;
        await using var broker = await new RealBroker().StartAsync();
        using var meter = new Meter("actionstream");
        var stageMeter = new StageMeter(meter, "publish");
        await using var scores = new StageChannel<ClipScores>(new(64, DropPolicy.None), stageMeter);
        var card = new ModelCard { Name = "toy", Labels = [.. Enumerable.Range(0, 16).Select(i => $"class {i}")] };
        using var link = new MqttLink(broker.Options, "edge", meter, TimeProvider.System, new Random(1), NullLogger<MqttLink>.Instance);
        var stage = new PublishStage(
            scores, [new("front", card, new() { Scores = "every" })], new("edge", "boot", "0.1.0", "cpu"), link, stageMeter, meter,
            TimeProvider.System, NullLogger<PublishStage>.Instance);
        var running = stage.RunAsync(default);
        var values = new float[16];
        var allocated = 0L;
        for (var i = -200; i < Count; i++)
        {
            if (i == 0)
            {
                allocated = GC.GetTotalAllocatedBytes(precise: true);
            }

            var sent = link.Meter.Published(MessageKind.Scores);
            var now = Stopwatch.GetTimestamp();
            var end = TimeSpan.FromMilliseconds(500L * (i + 300));
            await scores.WriteAsync(
                new("front", i, new(0, 0, 0, end, end, TimeSpan.Zero, now, now), new(16, 0, default), values, "cpu", now, now), default);
            SpinWait.SpinUntil(() => !link.IsConnected || link.Meter.Published(MessageKind.Scores) > sent, 1000);
        }

        var bytes = (GC.GetTotalAllocatedBytes(precise: true) - allocated) / Count;
        scores.Complete();
        await running;
        output.WriteLine(
            FormattableString.Invariant($"MQTTnet: {bytes} B managed allocation per decision smoothed, written and sent as scores"));
        Assert.InRange(bytes, 1, 50_000);
    }
}
