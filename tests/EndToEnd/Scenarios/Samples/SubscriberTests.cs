using System.Diagnostics.Metrics;
using System.Globalization;
using ActionStream.Core.Media;
using ActionStream.Core.Modelling;
using ActionStream.Core.Results;
using ActionStream.Core.Stages;
using ActionStream.EndToEnd.Contracts.Publish;
using ActionStream.EndToEnd.Support;
using ActionStream.Publish;
using ActionStream.Publish.Events;
using ActionStream.Publish.Mqtt;
using ActionStream.Publish.Mqtt.Client;
using ActionStream.Publish.Mqtt.Sending;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionStream.EndToEnd.Scenarios.Samples;

/// <summary>samples/Subscriber against a real broker: it reads what our own publishing says, and what a later version might say.</summary>
public sealed class SubscriberTests : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private static readonly TimeProvider Clock = TimeProvider.System;
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "subscriber");

    private readonly Meter _meter = new("subscriber");
    private readonly StageMeter _stageMeter;
    private readonly StageChannel<ClipScores> _scores;
    private readonly CancellationTokenSource _cancel = new();
    private MqttLink? _link;
    private Task _running = Task.CompletedTask;
    private long _window;

    public SubscriberTests()
    {
        _stageMeter = new StageMeter(_meter, "publish");
        _scores = new(new(64, DropPolicy.None), _stageMeter);
    }

    public async ValueTask DisposeAsync()
    {
        await _cancel.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _scores.DisposeAsync();
        _link?.Dispose();
        _cancel.Dispose();
        _meter.Dispose();
    }

    private void Publish(MqttOptions options)
    {
        var card = new ModelCard { Name = "toy", Labels = ["fall", "nothing"], Output = new() { Background = "nothing" } };
        var events = new EventOptions { Smoothing = TimeSpan.Zero, MinDuration = TimeSpan.Zero, MergeGap = TimeSpan.Zero };
        options = options with { RetryCeiling = TimeSpan.FromSeconds(1) };
        _link = new(options, "edge", _meter, Clock, new Random(1), NullLogger<MqttLink>.Instance);
        var stage = new PublishStage(
            _scores, [new("front", card, events)], new("edge", "boot", "0.1.0", "cpu"), _link, _stageMeter, _meter, Clock,
            NullLogger<PublishStage>.Instance);
        _running = stage.RunAsync(_cancel.Token);
    }

    private async Task Decide(float fall)
    {
        var now = Clock.GetTimestamp();
        var end = TimeSpan.FromMilliseconds(500 * ++_window);
        var when = new ClipTime(0, 0, 0, end, end, TimeSpan.Zero, now, now);
        await _scores.WriteAsync(new("front", _window, when, new(16, 0, default), [fall, 1 - fall], "cpu", now, now), default);
    }

    private static Child Subscribe(int port, params string[] more) =>
        new(Program, ["--host", "127.0.0.1", "--port", port.ToString(CultureInfo.InvariantCulture), .. more]);

    private static Task<string> Line(Child subscriber, string begin) =>
        subscriber.LineAsync(line => line.StartsWith(begin, StringComparison.Ordinal), Limit);

    private static async Task Say(int port, string topic, string payload)
    {
        await using var said = new Child(
            "mosquitto_pub", ["-h", "127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture), "-q", "1", "-t", topic, "-m", payload]);
        Assert.Equal(0, await said.ExitAsync(Limit));
    }

    [NeedsFact("mosquitto", "setpriv")]
    public async Task What_the_service_publishes_is_printed_with_its_latency()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var subscriber = Subscribe(broker.Port);
        await Line(subscriber, "subscriber: listening");
        Publish(new() { Host = "127.0.0.1", Port = broker.Port });
        await Line(subscriber, "node     edge  online");
        await Line(subscriber, "camera   front  connecting");

        await Decide(0.9f);
        Assert.Matches(
            @"^started  front  fall  score 0\.90  latency \d+ ms \(model \d+ ms\), here after -?\d+ ms  front-",
            await Line(subscriber, "started"));
        await Decide(0.1f);
        Assert.Matches(
            @"^ended    front  fall  after \d+\.\d s, at most 0\.90, because of score  latency \d+ ms", await Line(subscriber, "ended"));

        _scores.Complete();
        await Line(subscriber, "node     edge  offline");
        subscriber.Signal("TERM");
        Assert.Equal(0, await subscriber.ExitAsync(Limit));
    }

    [NeedsFact("mosquitto", "mosquitto_pub", "setpriv")]
    public async Task Fields_and_words_of_later_versions_and_broken_messages_do_not_stop_it()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var subscriber = Subscribe(broker.Port);
        await Line(subscriber, "subscriber: listening");
        const string Event =
            """{"type":"start","event_id":"e1","boot_id":"b","seq":1,"camera":"yard","label":"fall","mood":{"x":[1]},"late":true}""";

        await Say(broker.Port, "actionstream/yard/events", "{");
        await Say(broker.Port, "actionstream/yard/events", """{"type":"start"}""");
        await Say(broker.Port, "actionstream/yard/status", """{"state":"dreaming","reason":"moon","fps":8}""");
        await Say(broker.Port, "actionstream/yard/status", """{"state":"dreaming","reason":"moon","fps":7.9}""");
        await Say(broker.Port, "actionstream/yard/events", Event);
        await Say(broker.Port, "actionstream/yard/events", Event); // QoS 1 may do that
        await Say(broker.Port, "actionstream/yard/events", Event.Replace("\"seq\":1", "\"seq\":5", StringComparison.Ordinal));
        await Line(subscriber, "subscriber: 3 messages of yard are missing before number 5");
        await subscriber.LineAsync(_ => subscriber.Lines.Count(IsStart) >= 2, Limit);

        Assert.Equal(2, subscriber.Lines.Count(IsStart));
        Assert.Single(subscriber.Lines, "camera   yard  dreaming (moon)"); // a new frame rate is no news
        Assert.Equal(2, subscriber.Lines.Count(line => line.Contains("cannot be read", StringComparison.Ordinal)));

        static bool IsStart(string line) => line.StartsWith("started  yard  fall", StringComparison.Ordinal);
    }

    [NeedsFact("mosquitto", "setpriv")]
    public async Task After_a_restart_of_the_broker_it_is_there_again_and_a_session_loses_no_event()
    {
        await using var broker = await Mosquitto.StartAsync(remembers: true);
        await using var subscriber = Subscribe(broker.Port, "--session", "house");
        await Line(subscriber, "subscriber: listening");
        Publish(new() { Host = "127.0.0.1", Port = broker.Port });
        await Line(subscriber, "node     edge  online");

        await broker.StopAsync();
        await subscriber.LineAsync(line => line.EndsWith("again in 1 s", StringComparison.Ordinal), Limit);
        await Decide(0.9f);
        await broker.StartAgainAsync();

        Assert.Matches(@"^started  front  fall  score 0\.90  late  front-", await Line(subscriber, "started"));
    }

    [NeedsFact("mosquitto", "mosquitto_passwd", "setpriv")]
    public async Task A_password_comes_from_a_file_and_a_wrong_one_is_told_but_not_shown()
    {
        await using var broker = await RealBroker.WithUser("house", "hunter2").StartAsync();
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "hunter3\n");
            await using var wrong = Subscribe(broker.Port, "--user", "house", "--password-file", file);
            await wrong.LineAsync(line => line.Contains("NotAuthorized", StringComparison.Ordinal), Limit);
            Assert.DoesNotContain("hunter3", wrong.All, StringComparison.Ordinal);

            await File.WriteAllTextAsync(file, "hunter2\n");
            await using var right = Subscribe(broker.Port, "--user", "house", "--password-file", file);
            await Line(right, "subscriber: listening");
        }
        finally
        {
            File.Delete(file);
        }
    }

    [NeedsFact("setpriv")]
    public async Task Wrong_usage_is_told()
    {
        await using var child = new Child(Program, ["--hots", "localhost"]);

        Assert.Equal(2, await child.ExitAsync(Limit));
        Assert.Contains("--hots is not an option", child.All, StringComparison.Ordinal);
    }
}
