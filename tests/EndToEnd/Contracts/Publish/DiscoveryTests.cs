using System.Diagnostics.Metrics;
using ActionStream.Core.Modelling;
using ActionStream.Core.Results;
using ActionStream.Core.Stages;
using ActionStream.EndToEnd.Support;
using ActionStream.Publish;
using ActionStream.Publish.Mqtt.Client;
using ActionStream.Publish.Mqtt.Messages;
using ActionStream.Publish.Mqtt.Sending;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionStream.EndToEnd.Contracts.Publish;

/// <summary>What Home Assistant would find at a real broker, start after start.</summary>
public sealed class DiscoveryTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private static readonly ModelCard Card = new()
    {
        Name = "toy",
        Labels = ["fall", "walk", "nothing"],
        Output = new() { Background = "nothing" },
    };

    /// <summary>One life of the service: says what there is, and leaves.</summary>
    private static async Task LiveAsync(int port, bool announces, params PublishedStream[] streams)
    {
        using var meter = new Meter("discovery");
        var stageMeter = new StageMeter(meter, "publish");
        await using var scores = new StageChannel<ClipScores>(new(4, DropPolicy.None), stageMeter);
        var options = new MqttOptions { Host = "127.0.0.1", Port = port, Prefix = "p", Discovery = new() { Enabled = announces } };
        using var link = new MqttLink(options, "edge", meter, TimeProvider.System, new Random(1), NullLogger<MqttLink>.Instance);
        var stage = new PublishStage(
            scores, streams, new("edge", "boot", "0.1.0", "cpu"), link, stageMeter, meter, TimeProvider.System,
            NullLogger<PublishStage>.Instance);
        var running = stage.RunAsync(default);
        while (link.Meter.Published(MessageKind.Setting) < streams.Length)
        {
            await Task.Delay(20);
        }

        await Task.Delay(300); // what the broker still held has come by now, and its removal follows
        scores.Complete();
        await running.WaitAsync(Limit);
    }

    /// <summary>What a newcomer is told.</summary>
    private static async Task<List<string>> KeptAsync(int port)
    {
        await using var listener = await Listener.StartAsync(port, "#");
        await listener.NextAsync(message => message is { Topic: "p/edge/status", Retained: true }, Limit);
        await Task.Delay(300);
        return [.. listener.Messages.Where(message => message.Retained).Select(message => message.Topic)];
    }

    [NeedsFact("mosquitto", "mosquitto_sub")]
    public async Task What_is_taken_out_of_the_configuration_is_gone_from_the_broker_after_the_next_start()
    {
        await using var broker = await Mosquitto.StartAsync();
        var (front, yard) = (new PublishedStream("front", Card, new()), new PublishedStream("yard", Card, new()));
        await LiveAsync(broker.Port, announces: true, front, yard);
        var both = await KeptAsync(broker.Port);
        Assert.Contains("homeassistant/binary_sensor/edge/edge_yard_fall/config", both);
        Assert.Contains("p/yard/action/fall/state", both);

        await LiveAsync(broker.Port, announces: true, front with { Events = new() { Labels = ["fall"] } });
        var one = await KeptAsync(broker.Port);
        Assert.DoesNotContain(
            one, topic => topic.Contains("yard", StringComparison.Ordinal) || topic.Contains("walk", StringComparison.Ordinal));
        Assert.Contains("homeassistant/binary_sensor/edge/edge_front_fall/config", one);
        Assert.Contains("p/front/action/fall/state", one);

        await LiveAsync(broker.Port, announces: false, front);
        Assert.DoesNotContain(await KeptAsync(broker.Port), topic => topic.StartsWith("homeassistant", StringComparison.Ordinal));
    }
}
