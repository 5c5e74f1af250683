using System.Text.Json;
using ActionStream.Publish.Mqtt.Client;

namespace ActionStream.Bench.Pipelines;

/// <summary>One rolling answer as a subscriber got it.</summary>
/// <param name="AgeMs">From the arrival of its window's last frame until it was here.</param>
/// <param name="InferMs">Of this, in the model.</param>
/// <param name="QueueMs">Of this, waiting for a worker.</param>
internal readonly record struct ReceivedMessage(string Camera, double AgeMs, double InferMs, double QueueMs);

/// <summary>Broker and subscriber in a process of their own, so that what they allocate and compute
/// is not taken for the service's.</summary>
/// <remarks>Told by lines on standard input: `mark` forgets what was received, `report` prints it as one line of
/// JSON; the end of input is the end.</remarks>
internal static class BenchSubscriber
{
    public static async Task RunAsync(TextReader orders, TextWriter answers, CancellationToken cancel)
    {
        await using var broker = await EmbeddedBroker.StartAsync(cancel);
        await using var client = new MqttNetClient();
        var sync = new Lock();
        var received = new List<ReceivedMessage>();
        client.Received += message =>
        {
            if (Read(message) is { } one)
            {
                lock (sync)
                {
                    received.Add(one);
                }
            }
        };
        await client.ConnectAsync(
            new MqttOptions { Host = EmbeddedBroker.Host, Port = broker.Port }, "actionstream-subscriber", null, cancel);
        await client.SubscribeAsync("actionstream/+/scores", 0, cancel);
        await answers.WriteLineAsync(FormattableString.Invariant($"{EmbeddedBroker.Host} {broker.Port}"));
        await answers.FlushAsync(cancel);
        while (await orders.ReadLineAsync(cancel) is { } order)
        {
            ReceivedMessage[] all;
            lock (sync)
            {
                all = [.. received];
                received.Clear();
            }

            if (order == "report")
            {
                await answers.WriteLineAsync(JsonSerializer.Serialize(all));
                await answers.FlushAsync(cancel);
            }
        }
    }

    private static ReceivedMessage? Read(MqttMessage message)
    {
        var now = TimeProvider.System.GetUtcNow();
        using var scores = JsonDocument.Parse(message.Payload);
        var root = scores.RootElement;
        var latency = root.GetProperty("latency_ms");
        var arrived = (root.GetProperty("window").GetProperty("end").GetDouble() * 1000) + latency.GetProperty("capture").GetDouble();
        return new(
            root.GetProperty("camera").GetString()!, (now - DateTimeOffset.UnixEpoch).TotalMilliseconds - arrived,
            latency.GetProperty("infer").GetDouble(), latency.GetProperty("queue").GetDouble());
    }
}
