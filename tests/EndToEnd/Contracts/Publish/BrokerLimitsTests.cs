using System.Diagnostics.Metrics;
using System.Text;
using System.Threading.Channels;
using ActionStream.Core.Modelling;
using ActionStream.Core.Results;
using ActionStream.Core.Stages;
using ActionStream.EndToEnd.Support;
using ActionStream.Publish;
using ActionStream.Publish.Events;
using ActionStream.Publish.Mqtt.Client;
using ActionStream.Publish.Mqtt.Messages;
using ActionStream.Publish.Mqtt.Sending;
using ActionStream.Unit.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionStream.EndToEnd.Contracts.Publish;

/// <summary>Brokers that take less than we would like to send, and others that send us more than we would like to take.</summary>
public sealed class BrokerLimitsTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [NeedsTheory("mosquitto")]
    [InlineData("3.1.1", "cut", 2)]
    [InlineData("5", "too_large", 0)]
    public async Task At_a_broker_whose_packet_limit_is_below_a_snapshot_every_event_is_heard(string protocol, string reason, int cuts)
    {
        await using var broker = await new RealBroker("allow_anonymous true\nmax_packet_size 2000").StartAsync();
        await using var listener = new MqttNetClient();
        var heard = Channel.CreateUnbounded<string>();
        listener.Received += message => heard.Writer.TryWrite(Text(message));
        await listener.ConnectAsync(broker.Options, "listener", null, default);
        await listener.SubscribeAsync("p/+/events", 1, default);

        using var meter = new Meter("limits");
        using var counts = new Counts(meter);
        var log = new LogLines<MqttLink>();
        using var link = new MqttLink(
            broker.Options with { Protocol = protocol, Prefix = "p" }, "edge", meter, TimeProvider.System, new Random(1), log);
        link.Outbox.PostRetained(MessageKind.NodeStatus, link.Topics.NodeStatus, Payloads.Online);
        link.Outbox.PostRetained(MessageKind.Snapshot, "p/front/snapshot", new byte[5000]);
        using var end = new CancellationTokenSource();
        var running = link.RunAsync(end.Token);
        var told = new List<string>();
        for (var i = 0; i < 30; i++)
        {
            link.Outbox.PostEvent("p/front/events", Encoding.UTF8.GetBytes($"{i}"), default);
            link.Outbox.PostRetained(MessageKind.Snapshot, $"p/front/action/{i % 3}/snapshot", new byte[5000 + i]);
            do
            {
                told.Add(await heard.Reader.ReadAsync().AsTask().WaitAsync(Limit));
            }
            while (told.SkipLast(1).Contains(told[^1])); // after a cut one may come twice
        }

        Assert.Equal(Enumerable.Range(0, 30).Select(i => $"{i}"), told.Distinct());
        using var limit = new CancellationTokenSource(Limit);
        while (counts["actionstream.mqtt.set_aside", reason] == 0)
        {
            await Task.Delay(50, limit.Token);
        }

        link.Outbox.PostEvent("p/front/events", Encoding.UTF8.GetBytes("last"), default);
        var last = await heard.Reader.ReadAsync().AsTask().WaitAsync(Limit);
        Assert.Equal("last", told.Contains(last) ? await heard.Reader.ReadAsync().AsTask().WaitAsync(Limit) : last);
        Assert.Equal(cuts, log.Lines.Select(line => line.Text).Count(line => line.StartsWith("Connected", StringComparison.Ordinal)) - 1);
        var named = Assert.Single(log.Lines.Select(line => line.Text), line => line.Contains("p/front/", StringComparison.Ordinal));
        Assert.Contains("max_packet_size", named, StringComparison.Ordinal);
        Assert.DoesNotContain(log.Lines.Select(line => line.Text), line => line.Contains("nother client", StringComparison.Ordinal));
        await end.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    [NeedsFact("mosquitto")]
    public async Task A_broker_without_retained_messages_is_named_and_can_be_lived_with()
    {
        await using var broker = await new RealBroker("allow_anonymous true\nretain_available false").StartAsync();
        await using (var client = new MqttNetClient())
        {
            var will = new MqttMessage("p/edge/status", Payloads.Offline, 1, true);
            var refused = await Assert.ThrowsAsync<MqttException>(() => client.ConnectAsync(broker.Options, "a", will, default).WaitAsync(Limit));
            Assert.Equal("unanswered", refused.Reason);
            Assert.Contains("mqtt.retain: false", refused.Message, StringComparison.Ordinal);
        }

        await ArrivesAsync(broker.Options with { Retain = false });
        await ArrivesAsync(broker.Options with { Protocol = "5" });

        async Task ArrivesAsync(MqttOptions options)
        {
            await using var listener = new MqttNetClient();
            var heard = Channel.CreateUnbounded<string>();
            listener.Received += message => heard.Writer.TryWrite($"{message.Topic} {Text(message)}");
            await listener.ConnectAsync(broker.Options, "listener", null, default);
            await listener.SubscribeAsync("p/#", 1, default);
            using var meter = new Meter("retain");
            using var link = new MqttLink(
                options with { Prefix = "p" }, "edge", meter, TimeProvider.System, new Random(1), NullLogger<MqttLink>.Instance);
            link.Outbox.PostRetained(MessageKind.NodeStatus, link.Topics.NodeStatus, Payloads.Online);
            link.Outbox.PostEvent("p/front/events", Encoding.UTF8.GetBytes("event"), default);
            using var end = new CancellationTokenSource();
            var running = link.RunAsync(end.Token);
            Assert.Equal("p/edge/status online", await heard.Reader.ReadAsync().AsTask().WaitAsync(Limit));
            Assert.Equal("p/front/events event", await heard.Reader.ReadAsync().AsTask().WaitAsync(Limit));
            await end.CancelAsync();
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Assert.Equal("p/edge/status offline", await heard.Reader.ReadAsync().AsTask().WaitAsync(Limit));
        }
    }

    [NeedsTheory("mosquitto", "mosquitto_pub")]
    [InlineData("3.1.1", 1)]
    [InlineData("5", 0)]
    public async Task A_command_of_thirty_megabytes_costs_neither_memory_nor_the_connection_nor_the_next_command(string protocol, int ignored)
    {
        await using var broker = await new RealBroker().StartAsync();
        await using var listener = new MqttNetClient();
        var heard = Channel.CreateUnbounded<string>();
        listener.Received += message => heard.Writer.TryWrite($"{message.Topic} {Text(message)}");
        await listener.ConnectAsync(broker.Options, "listener", null, default);
        await listener.SubscribeAsync("p/front/threshold/fall/state", 1, default);

        using var meter = new Meter("huge");
        using var counts = new Counts(meter);
        var stageMeter = new StageMeter(meter, "publish");
        var log = new LogLines<MqttLink>();
        var scores = new StageChannel<ClipScores>(new(64, DropPolicy.None), stageMeter);
        using var link = new MqttLink(
            broker.Options with { Protocol = protocol, Prefix = "p" }, "edge", meter, TimeProvider.System, new Random(1), log);
        var card = new ModelCard { Name = "toy", Labels = ["fall", "nothing"], Output = new() { Background = "nothing" } };
        var stage = new PublishStage(
            scores, [new PublishedStream("front", card, new EventOptions())], new("edge", "boot", "0.1.0", "cpu"), link, stageMeter, meter,
            TimeProvider.System, NullLogger<PublishStage>.Instance);
        var running = stage.RunAsync(default);
        Assert.EndsWith("0.6", await heard.Reader.ReadAsync().AsTask().WaitAsync(Limit), StringComparison.Ordinal);
        await SetAsync("0.7");
        Assert.EndsWith("0.7", await heard.Reader.ReadAsync().AsTask().WaitAsync(Limit), StringComparison.Ordinal);

        var huge = Path.GetTempFileName();
        await using (var file = File.OpenWrite(huge))
        {
            file.SetLength(30 << 20);
        }

        var invalid = Path.GetTempFileName();
        await File.WriteAllBytesAsync(invalid, [0xFF, 0xFE, 0xC0, 0x80, 0]);
        await SetAsync("-f", invalid);
        File.Delete(invalid);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await SetAsync("-f", huge);
        await SetAsync("0.8");
        Assert.EndsWith("0.8", await heard.Reader.ReadAsync().AsTask().WaitAsync(Limit), StringComparison.Ordinal);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 10 << 20);
        Assert.Equal(ignored, counts["actionstream.mqtt.commands.ignored", "too_large"]);
        Assert.Equal(1, counts["actionstream.mqtt.commands.ignored", "malformed"]);
        Assert.Single(log.Lines.Select(line => line.Text), line => line.StartsWith("Connected", StringComparison.Ordinal));
        File.Delete(huge);
        scores.Complete();
        await running.WaitAsync(Limit);
        await scores.DisposeAsync();

        async Task SetAsync(params string[] what)
        {
            string[] payload = what.Length == 1 ? ["-m", what[0]] : what;
            await using var child = new Child(
                "mosquitto_pub", ["-h", "127.0.0.1", "-p", $"{broker.Port}", "-q", "1", "-t", "p/front/threshold/fall/set", .. payload]);
            Assert.Equal(0, await child.ExitAsync(Limit));
        }
    }

    private static string Text(MqttMessage message) => Encoding.UTF8.GetString(message.Payload.Span);

    private sealed class Counts : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly Dictionary<(string, string), long> _counts = [];

        public Counts(Meter meter)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter == meter)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((instrument, count, tags, _) =>
            {
                if (tags.Length == 1)
                {
                    lock (_counts)
                    {
                        var key = (instrument.Name, $"{tags[0].Value}");
                        _counts[key] = _counts.GetValueOrDefault(key) + count;
                    }
                }
            });
            _listener.Start();
        }

        public long this[string instrument, string tag]
        {
            get
            {
                lock (_counts)
                {
                    return _counts.GetValueOrDefault((instrument, tag));
                }
            }
        }

        public void Dispose() => _listener.Dispose();
    }
}
