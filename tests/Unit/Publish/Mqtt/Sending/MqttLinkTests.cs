using System.Diagnostics.Metrics;
using System.Text;
using ActionStream.Core.Configuration;
using ActionStream.Publish.Mqtt.Client;
using ActionStream.Publish.Mqtt.Messages;
using ActionStream.Publish.Mqtt.Sending;
using ActionStream.Unit.Support;
using Microsoft.Extensions.Logging;

namespace ActionStream.Unit.Publish.Mqtt.Sending;

public sealed class MqttLinkTests : IDisposable
{
    private readonly FakeClock _clock = new();
    private readonly FakeBroker _broker = new();
    private readonly LogLines<MqttLink> _log = new();
    private readonly Meter _meter = new("test");
    private readonly CancellationTokenSource _cancel = new();
    private readonly MqttLink _link;

    public MqttLinkTests() => _link = new(
        new MqttOptions { Prefix = "p", Spool = new() { Messages = 2 }, Username = "me", Password = new Secret("hunter2") }, "edge",
        _meter, _clock, new Random(1), _log, _broker.CreateClient);

    public void Dispose()
    {
        _cancel.Cancel();
        _cancel.Dispose();
        _link.Dispose();
        _meter.Dispose();
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private void PostEvent(string text) => _link.Outbox.PostEvent("p/front/events", Bytes($"{text} \"late\":false"), new(text, default));

    private void PostState(string text) => _link.Outbox.PostRetained(MessageKind.State, "p/front/action/fall/state", Bytes(text));

    private async Task<string> Heard() => (await _broker.Heard()).Replace(" \"late\":false", "", StringComparison.Ordinal)
        .Replace("\"late\":true", "late", StringComparison.Ordinal);

    private async Task<string[]> Heard(int count)
    {
        var all = new string[count];
        for (var i = 0; i < count; i++)
        {
            all[i] = await Heard();
        }

        return all;
    }

    private Task RunAsync()
    {
        _link.Outbox.PostRetained(MessageKind.NodeStatus, _link.Topics.NodeStatus, Payloads.Online);
        PostState("OFF");
        return _link.RunAsync(_cancel.Token);
    }

    // The link sleeps between attempts; its timer exists a moment after the attempt was seen.
    // Until then the clock must stand still: how long the connection stood is what the link judges by.
    private async Task NoticedAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (_link.IsConnected)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, limit.Token);
        }
    }

    private async Task<string> NextAttempt()
    {
        var attempt = _broker.Tried();
        while (!attempt.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(attempt, Task.Delay(1));
        }

        return await attempt;
    }

    [Fact]
    public async Task It_connects_with_a_will_says_how_things_are_and_then_what_happens()
    {
        var running = RunAsync();
        Assert.Equal(["p/edge/status online q1 retained", "p/front/action/fall/state OFF q1 retained"], await Heard(2));
        Assert.Equal(("p/edge/status", "offline", 1, true), _broker.Will is { } will
            ? (will.Topic, Encoding.UTF8.GetString(will.Payload.Span), will.Qos, will.Retain)
            : default);
        Assert.Equal("actionstream-edge", await _broker.Tried());

        PostEvent("start");
        PostState("ON");
        _link.Outbox.PostTransient(MessageKind.Scores, "p/front/scores", Bytes("scores"));
        Assert.Equal(
            ["p/front/events start q1", "p/front/action/fall/state ON q1 retained", "p/front/scores scores q0"], await Heard(3));

        _link.Stop();
        Assert.Equal("goodbye", await Heard());
        await running;
        Assert.Equal((1, 1), (_link.Meter.Published(MessageKind.Event), _link.Meter.Published(MessageKind.Scores)));
    }

    [Fact]
    public async Task While_the_broker_is_away_events_wait_scores_go_and_the_oldest_event_gives_way()
    {
        _broker.Down = MqttFault.Refused;
        _ = RunAsync();
        Assert.Equal("Refused", await _broker.Tried());
        PostState("ON");
        PostState("OFF");
        PostState("ON");
        PostEvent("1");
        PostEvent("2");
        PostEvent("3");
        _link.Outbox.PostTransient(MessageKind.Scores, "p/front/scores", Bytes("scores"));
        Assert.Equal((1, 1), (_link.Meter.DroppedEvents, _link.Meter.DroppedScores));
        Assert.False(_link.IsConnected);

        _broker.Down = null;
        await NextAttempt();
        Assert.Equal(
            [
                "p/edge/status online q1 retained", "p/front/action/fall/state ON q1 retained", "p/front/events 2 late q1",
                "p/front/events 3 late q1",
            ],
            await Heard(4));
    }

    [Fact]
    public async Task A_lost_connection_is_made_again_and_all_states_are_said_again()
    {
        _ = RunAsync();
        await Heard(2);
        await _broker.Tried();
        _broker.Cut();
        Assert.Equal("actionstream-edge", await NextAttempt());
        Assert.Equal("p/edge/status online q1 retained", await Heard());
    }

    [Fact]
    public async Task A_broker_that_stops_acknowledging_counts_as_lost_and_nothing_is_forgotten()
    {
        _ = RunAsync();
        await Heard(2);
        await _broker.Tried();
        _broker.IsMute = true;
        PostEvent("start");
        await NextAttempt();
        Assert.Contains(_log.Lines, line => line.Text.Contains("no acknowledgement", StringComparison.Ordinal));
        _broker.IsMute = false;
        _broker.Cut();
        await NextAttempt();
        Assert.Equal(
            ["p/edge/status online q1 retained", "p/front/action/fall/state OFF q1 retained", "p/front/events start late q1"],
            await Heard(3));
    }

    [Fact]
    public async Task Stopping_while_the_broker_is_away_does_not_wait_for_it()
    {
        _broker.Down = MqttFault.Refused;
        var running = RunAsync();
        await _broker.Tried();
        _link.Stop();
        await running.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Two_instances_with_one_id_are_noticed_loudly_and_the_broker_is_left_alone_for_a_while()
    {
        _ = RunAsync();
        await _broker.Tried();
        for (var i = 0; i < 3; i++)
        {
            await Heard(2);
            _clock.Advance(TimeSpan.FromSeconds(1)); // as long as each connection stands
            _broker.Cut();
            await NoticedAsync();
            if (i < 2)
            {
                await NextAttempt();
            }
        }

        var before = _clock.GetUtcNow();
        await NextAttempt();
        Assert.True(_clock.GetUtcNow() - before >= TimeSpan.FromSeconds(4), $"came back after {_clock.GetUtcNow() - before}");
        var line = Assert.Single(_log.Lines, line => line.Level == LogLevel.Error).Text;
        Assert.Contains("does not say why. It may be: another client with the client id actionstream-edge", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_take_over_is_claimed_when_the_broker_says_so_and_only_then()
    {
        _ = RunAsync();
        await _broker.Tried();
        for (var i = 0; i < 3; i++)
        {
            await Heard(2);
            _clock.Advance(TimeSpan.FromSeconds(1)); // as long as each connection stands
            _broker.Cut(MqttFault.TakenOver);
            await NoticedAsync();
            if (i < 2)
            {
                await NextAttempt();
            }
        }

        await NextAttempt();
        var line = Assert.Single(_log.Lines, line => line.Level == LogLevel.Error).Text;
        Assert.Contains("Another client uses the client id actionstream-edge", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_connection_was_cut_for_twice_is_set_aside_and_named_and_all_else_arrives()
    {
        _broker.CutsFor = message => message.Payload.Length > 50;
        _link.Outbox.PostRetained(MessageKind.Snapshot, "p/front/snapshot", new byte[60]);
        PostEvent("1");
        _ = RunAsync();
        await _broker.Tried();
        Assert.Equal(
            ["p/edge/status online q1 retained", "p/front/action/fall/state OFF q1 retained", "p/front/events 1 late q1"], await Heard(3));
        await NoticedAsync();
        await NextAttempt();
        await Heard(2);
        await NoticedAsync(); // alone, and cut again
        PostEvent("2");
        await NextAttempt();
        Assert.Equal(
            ["p/edge/status online q1 retained", "p/front/action/fall/state OFF q1 retained", "p/front/events 2 late q1"], await Heard(3));
        PostEvent("3");
        _link.Outbox.PostRetained(MessageKind.Snapshot, "p/back/snapshot", new byte[70]);
        _link.Outbox.PostRetained(MessageKind.Snapshot, "p/side/snapshot", Bytes("small"));
        Assert.Equal(["p/front/events 3 q1", "p/side/snapshot small q0 retained"], await Heard(2));
        Assert.True(_link.IsConnected);
        var line = Assert.Single(_log.Lines, line => line.Text.Contains("set aside", StringComparison.Ordinal)).Text;
        Assert.Contains("p/front/snapshot", line, StringComparison.Ordinal);
        Assert.DoesNotContain(_log.Lines, line => line.Text.Contains("client id", StringComparison.Ordinal) && line.Level == LogLevel.Error);
    }

    [Fact]
    public async Task A_broker_that_says_what_it_takes_is_sent_no_more()
    {
        _broker.Limits = new(60, KeepsRetained: true);
        _broker.CutsFor = message => message.Topic.Length + message.Payload.Length > 60;
        _link.Outbox.PostRetained(MessageKind.Snapshot, "p/front/snapshot", new byte[60]);
        PostEvent(new string('x', 60));
        PostEvent("short");
        _ = RunAsync();
        Assert.Equal(
            ["p/edge/status online q1 retained", "p/front/action/fall/state OFF q1 retained", "p/front/events short late q1"],
            await Heard(3));
        PostEvent("next");
        Assert.Equal("p/front/events next q1", await Heard());
        Assert.Equal(1, _link.Meter.DroppedEvents);
        Assert.Contains(_log.Lines, line => line.Text.Contains("takes no packets this large", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_broker_that_keeps_nothing_is_asked_to_keep_nothing(bool saysSoAtOnce)
    {
        _broker.Limits = new(null, KeepsRetained: false);
        _broker.Down = saysSoAtOnce ? MqttFault.NoRetain : null;
        _ = RunAsync();
        await _broker.Tried();
        _broker.Down = null;
        if (saysSoAtOnce)
        {
            await NextAttempt();
            Assert.False(_broker.Will!.Value.Retain);
        }

        Assert.Equal(["p/edge/status online q1", "p/front/action/fall/state OFF q1"], await Heard(2));
        Assert.Single(_log.Lines, line => line.Text.Contains("keeps no retained messages: all states", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_night_without_broker_makes_one_warning_and_never_tells_the_password()
    {
        _broker.Down = MqttFault.Auth;
        _ = RunAsync();
        for (var i = 0; i < 20; i++)
        {
            await NextAttempt();
        }

        Assert.Single(_log.Lines, line => line.Level == LogLevel.Warning);
        Assert.DoesNotContain(_log.Lines, line => line.Text.Contains("hunter2", StringComparison.Ordinal));
        Assert.Equal(MqttFault.Auth, _link.LastFault!.Fault);
    }
}
