using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json;
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
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionStream.EndToEnd.Contracts.Publish;

/// <summary>Scores in, messages out, through a real mosquitto that comes and goes.</summary>
public sealed class PublishingTests : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);
    private static readonly TimeProvider Clock = TimeProvider.System;

    private readonly Meter _meter = new("actionstream");
    private readonly Channel<MqttMessage> _subscriptions = Channel.CreateBounded<MqttMessage>(10_000);
    private readonly CancellationTokenSource _cancel = new();
    private readonly StageChannel<ClipScores> _scores;
    private readonly StageMeter _stageMeter;
    private long _window;
    private MqttNetClient? _reader;
    private MqttLink? _link;
    private Task _running = Task.CompletedTask;

    public PublishingTests()
    {
        _stageMeter = new StageMeter(_meter, "publish");
        _scores = new(new(64, DropPolicy.None), _stageMeter);
    }

    public async ValueTask DisposeAsync()
    {
        await _cancel.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _scores.DisposeAsync();
        if (_reader is not null)
        {
            await _reader.DisposeAsync();
        }

        _link?.Dispose();
        _cancel.Dispose();
        _meter.Dispose();
    }

    private async Task Listen(MqttOptions options)
    {
        _reader = new MqttNetClient();
        _reader.Received += message => _subscriptions.Writer.TryWrite(message);
        await _reader.ConnectAsync(options, "reader", null, default);
        await _reader.SubscribeAsync("actionstream/#", 1, default);
    }

    private PublishStage Start(MqttOptions options)
    {
        var card = new ModelCard { Name = "toy", Labels = ["fall", "nothing"], Output = new() { Background = "nothing" } };
        var events =
            new EventOptions { Smoothing = TimeSpan.Zero, MinDuration = TimeSpan.Zero, MergeGap = TimeSpan.Zero, Scores = "every" };
        _link = new(
            options with { RetryCeiling = TimeSpan.FromSeconds(1) }, "edge", _meter, Clock, new Random(1), NullLogger<MqttLink>.Instance);
        var stage = new PublishStage(
            _scores, [new("front", card, events)], new("edge", "boot", "0.1.0", "cpu"), _link, _stageMeter, _meter, Clock,
            NullLogger<PublishStage>.Instance);
        _running = stage.RunAsync(_cancel.Token);
        return stage;
    }

    private async Task Decide(float fall)
    {
        var now = Clock.GetTimestamp();
        var end = TimeSpan.FromMilliseconds(500 * ++_window);
        await _scores.WriteAsync(
            new("front", _window, new(0, 0, 0, end, end, TimeSpan.Zero, now, now), new(16, 0, default), [fall, 1 - fall], "cpu", now, now),
            default);
    }

    private async Task<string> Next()
    {
        var message = await _subscriptions.Reader.ReadAsync().AsTask().WaitAsync(Limit);
        var (topic, text) = (message.Topic["actionstream/".Length..], Encoding.UTF8.GetString(message.Payload.Span));
        if (!text.StartsWith('{'))
        {
            return $"{topic} {text}";
        }

        using var json = JsonDocument.Parse(text);
        var root = json.RootElement;
        return topic
            + (root.TryGetProperty("type", out var type) ? $" {type}" : "")
            + (root.TryGetProperty("late", out var late) && late.GetBoolean() ? " late" : "");
    }

    private async Task<string[]> Next(int count)
    {
        var all = new string[count];
        for (var i = 0; i < count; i++)
        {
            all[i] = await Next();
        }

        return all;
    }

    [NeedsFact("mosquitto")]
    public async Task A_run_from_hello_to_goodbye_arrives_whole_and_in_order()
    {
        await using var broker = await new RealBroker().StartAsync();
        await Listen(broker.Options);
        var stage = Start(broker.Options);
        Assert.Equal(
            [
                "edge/status online", "edge/info", "front/status", "front/action/fall/state OFF", "front/enabled/state ON",
                "front/threshold/fall/state 0.6",
            ],
            await Next(6));

        await Decide(0.9f);
        await Decide(0.1f);
        await Decide(0.9f);
        _scores.Complete();
        await _running.WaitAsync(Limit);
        var rest = await Next(12 - 1);
        // Scores travel at QoS 0 beside events at QoS 1; the order holds within each.
        Assert.Equal(
            [
                "front/events start", "front/action/fall/state ON", "front/events end", "front/action/fall/state OFF",
                "front/events start", "front/action/fall/state ON", "front/events end", "front/action/fall/state OFF",
                "edge/status offline",
            ],
            rest.Where(line => line != "front/scores").Append(await Next()));
        Assert.Equal(3, rest.Count(line => line == "front/scores"));
        Assert.Equal((3, 2, 4), (stage.Decisions, stage.Detections, stage.Events));
        Assert.Equal(18, Enum.GetValues<MessageKind>().Sum(_link!.Meter.Published));
    }

    [NeedsFact("mosquitto")]
    public async Task A_broker_that_was_away_learns_the_states_and_then_what_happened_meanwhile()
    {
        await using var broker = new RealBroker();
        Start(broker.Options);
        await Decide(0.9f);
        await Decide(0.1f);
        await Decide(0.9f);
        await broker.StartAsync();
        await Listen(broker.Options);
        // The reader may come before or after the first of the retained messages; the last of all is the third event.
        var heard = new List<string>();
        while (heard.LastOrDefault(line => line.StartsWith("front/events", StringComparison.Ordinal)) is null
            || heard.Count(line => line.StartsWith("front/events", StringComparison.Ordinal)) < 3)
        {
            heard.Add(await Next());
        }

        Assert.Equal(
            ["front/events start late", "front/events end late", "front/events start late"],
            heard.Where(line => line.StartsWith("front/events", StringComparison.Ordinal)));
        Assert.Contains("front/action/fall/state ON", heard);
        Assert.Equal(3, _link!.Meter.DroppedScores);
    }

    [NeedsFact("mosquitto")]
    public async Task A_broker_that_restarts_loses_no_event_and_learns_all_states_again()
    {
        await using var broker = await new RealBroker().StartAsync();
        await Listen(broker.Options);
        Start(broker.Options);
        await Next(6);
        await Decide(0.9f);
        Assert.Equal(["front/events start", "front/action/fall/state ON"], (await Next(3)).Where(line => line != "front/scores"));

        broker.Kill();
        await _reader!.Ended.WaitAsync(Limit);
        await Decide(0.1f);
        await _reader.DisposeAsync();
        await broker.StartAsync();
        await Listen(broker.Options);
        string line;
        do
        {
            line = await Next();
        }
        while (!line.StartsWith("front/events", StringComparison.Ordinal));

        Assert.Equal("front/events end late", line);
        Assert.Equal(0, _link!.Meter.DroppedEvents);
    }

    [NeedsFact("mosquitto")]
    public async Task A_node_that_dies_is_reported_offline_by_the_broker()
    {
        await using var broker = await new RealBroker().StartAsync();
        await Listen(broker.Options);
        Start(broker.Options);
        await Next(6);
        await _cancel.CancelAsync();
        Assert.Equal("edge/status offline", await Next());
    }

    [NeedsFact("mosquitto")]
    public async Task Camera_decisions_never_wait_for_a_broker_that_does_not_answer()
    {
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        var stage = Start(new() { Host = "127.0.0.1", Port = ((System.Net.IPEndPoint)silent.LocalEndpoint).Port });
        for (var i = 0; i < 500; i++)
        {
            await Decide(i % 2).WaitAsync(Limit);
        }

        _scores.Complete();
        await _running.WaitAsync(Limit);
        Assert.Equal(500, stage.Decisions);
    }
}
