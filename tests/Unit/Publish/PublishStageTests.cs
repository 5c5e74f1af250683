using System.Diagnostics.Metrics;
using System.Text.Json;
using ActionStream.Core.Modelling;
using ActionStream.Core.Results;
using ActionStream.Core.Stages;
using ActionStream.Publish;
using ActionStream.Publish.Events;
using ActionStream.Publish.Mqtt.Client;
using ActionStream.Publish.Mqtt.Sending;
using ActionStream.Unit.Publish.Mqtt;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Publish;

public sealed class PublishStageTests : IAsyncDisposable
{
    private static readonly ModelCard Card = new()
    {
        Name = "toy",
        Labels = ["walk", "fall", "nothing"],
        Output = new() { Background = "nothing" },
    };

    private static readonly EventOptions Quick = new()
    {
        Smoothing = TimeSpan.Zero,
        MinDuration = TimeSpan.Zero,
        MergeGap = TimeSpan.Zero,
        Scores = "every",
        Labels = ["fall"],
    };

    private readonly FakeClock _clock = new();
    private readonly FakeBroker _broker = new();
    private readonly Meter _meter = new("test");
    private readonly StageChannel<ClipScores> _scores;
    private readonly TaskCompletionSource<Decision> _seen = new();
    private readonly List<StreamStatus> _statuses = [];
    private readonly MqttLink _link;
    private readonly PublishStage _stage;
    private readonly Task _running;
    private long _window;
    private int _epoch;

    public PublishStageTests()
    {
        var stageMeter = new StageMeter(_meter, "publish");
        _scores = new(new(16, DropPolicy.None), stageMeter);
        _link = new(
            new MqttOptions { Prefix = "p" }, "edge", _meter, _clock, new Random(1), new LogLines<MqttLink>(), _broker.CreateClient);
        _stage = new(
            _scores, [new("front", Card, Quick), new("yard", Card, Quick with { Scores = "1s" })], new("edge", "boot", "0.1.0", "cpu"),
            _link, stageMeter, _meter, _clock, new LogLines<PublishStage>(),
            [new FakeObserver(decided: decision => _seen.TrySetResult(decision), changed: _statuses.Add)]);
        _running = _stage.RunAsync(default);
    }

    public async ValueTask DisposeAsync()
    {
        _scores.Complete();
        await _running.WaitAsync(TimeSpan.FromSeconds(10));
        _link.Dispose();
        _meter.Dispose();
    }

    private async Task Decide(string stream, params float[] scores)
    {
        _clock.Advance(TimeSpan.FromMilliseconds(500));
        var now = _clock.GetTimestamp();
        var end = TimeSpan.FromMilliseconds(500 * ++_window);
        await _scores.WriteAsync(
            new(
                stream, _window, new(_epoch, 0, 0, end - TimeSpan.FromSeconds(2), end, TimeSpan.Zero, now, now), new(16, 0, default),
                scores, "cpu", now, now),
            default);
    }

    private async Task<string[]> Birth() => [.. (await _broker.Heard(10)).Select(Short)];

    // The payload's telling part only: JSON is held to golden files elsewhere.
    private static string Short(string heard)
    {
        var (topic, payload) = heard.Split(' ', 2) is [var first, var rest] ? (first, rest) : (heard, "");
        if (!payload.StartsWith('{'))
        {
            return heard;
        }

        using var json = JsonDocument.Parse(payload[..(payload.LastIndexOf('}') + 1)]);
        var root = json.RootElement;
        return $"{topic} {(root.TryGetProperty("type", out var type) ? type.GetString() : root.TryGetProperty("state", out var state) ? state.GetString() : "…")}"
            + (root.TryGetProperty("end_reason", out var why) && why.GetString() is { } reason ? $" {reason}" : "");
    }

    private async Task<string[]> Heard(int count) => [.. (await _broker.Heard(count)).Select(Short)];

    [Fact]
    public async Task It_starts_by_saying_how_everything_is_with_every_class_off() => Assert.Equal(
        [
            "p/edge/status online q1 retained", "p/edge/info …", "p/front/status connecting", "p/yard/status connecting",
            "p/front/action/fall/state OFF q1 retained", "p/yard/action/fall/state OFF q1 retained",
            "p/front/enabled/state ON q1 retained", "p/front/threshold/fall/state 0.6 q1 retained",
            "p/yard/enabled/state ON q1 retained", "p/yard/threshold/fall/state 0.6 q1 retained",
        ],
        await Birth());

    [Fact]
    public async Task A_camera_that_goes_ends_its_events_and_leaves_nothing_at_the_broker()
    {
        await Birth();
        await Decide("front", 0, 0.9f, 0.1f);
        await Heard(3);
        _stage.Remove("front");
        Assert.Equal(
            [
                "p/front/events end stopped", "p/front/action/fall/state OFF q1 retained",
                "p/front/status  q1 retained", "p/front/action/fall/state  q1 retained",
                "p/front/enabled/state  q1 retained", "p/front/threshold/fall/state  q1 retained", "p/edge/info …",
            ],
            await Heard(7));

        await Decide("front", 0, 0.9f, 0.1f); // an answer that was under way
        await Decide("yard", 0, 0.9f, 0.1f);
        Assert.Equal("p/yard/events start", (await Heard(1))[0]);
    }

    [Fact]
    public async Task A_camera_that_comes_later_introduces_itself_and_is_listened_to()
    {
        await Birth();
        _stage.Add(new("gate", Card, Quick));
        Assert.Equal(
            [
                "p/gate/status connecting", "p/gate/action/fall/state OFF q1 retained",
                "p/gate/enabled/state ON q1 retained", "p/gate/threshold/fall/state 0.6 q1 retained", "p/edge/info …",
            ],
            await Heard(5));

        await Decide("gate", 0, 0.9f, 0.1f);
        Assert.Equal("p/gate/events start", (await Heard(1))[0]);
    }

    [Fact]
    public async Task A_changed_camera_counts_on_and_does_not_take_former_answers_for_its_own()
    {
        await Birth();
        await Decide("front", 0, 0.9f, 0.1f);
        await Heard(3);
        _stage.Add(new("front", Card, Quick with { Scores = "off" }) { FirstEpoch = 1 });
        Assert.Equal(
            [
                "p/front/events end stopped", "p/front/action/fall/state OFF q1 retained", "p/front/status connecting",
                "p/front/action/fall/state OFF q1 retained",
                "p/front/enabled/state ON q1 retained", "p/front/threshold/fall/state 0.6 q1 retained", "p/edge/info …",
            ],
            await Heard(7));

        await Decide("front", 0, 0.9f, 0.1f); // of epoch 0
        _epoch = 1;
        await Decide("front", 0, 0.9f, 0.1f);
        var start = await _broker.Heard();
        Assert.Contains("\"type\":\"start\"", start, StringComparison.Ordinal);
        Assert.Contains("\"seq\":2,", start, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_camera_whose_thresholds_change_stays_online_and_drops_the_classes_it_no_longer_has()
    {
        await Birth();
        _stage.Report(new StreamStatus("front", StreamState.Online, null, _clock.GetUtcNow(), 8));
        Assert.Equal(["p/front/status online"], await Heard(1));
        _stage.Add(new("front", Card, Quick with { Labels = ["walk"] }) { GoesOn = true });
        Assert.Equal(
            [
                "p/front/status online", "p/front/action/walk/state OFF q1 retained",
                "p/front/enabled/state ON q1 retained", "p/front/threshold/walk/state 0.6 q1 retained",
                "p/front/action/fall/state  q1 retained", "p/front/threshold/fall/state  q1 retained", "p/edge/info …",
            ],
            await Heard(7));
    }

    [Fact]
    public async Task A_fall_makes_an_event_and_a_state_and_both_end()
    {
        await Birth();
        await Decide("front", 0, 0.9f, 0.1f);
        await Decide("front", 0, 0.1f, 0.9f);
        Assert.Equal(
            [
                "p/front/events start", "p/front/action/fall/state ON q1 retained", "p/front/scores …",
                "p/front/events end score", "p/front/action/fall/state OFF q1 retained", "p/front/scores …",
            ],
            await Heard(6));
        Assert.Equal((2, 1, 2), (_stage.Decisions, _stage.Detections, _stage.Events));
    }

    [Fact]
    public async Task A_camera_that_is_lost_takes_its_events_along()
    {
        await Birth();
        await Decide("front", 0, 0.9f, 0.1f);
        await Heard(3);
        _stage.Report(new StreamStatus("front", StreamState.Offline, "timeout", _clock.GetUtcNow(), 0));
        Assert.Equal(
            ["p/front/status offline", "p/front/events end stream_lost", "p/front/action/fall/state OFF q1 retained"], await Heard(3));
    }

    [Theory]
    [InlineData("frozen")]
    [InlineData("dark")]
    [InlineData("corrupt")]
    public async Task A_camera_that_sees_nothing_ends_its_events_and_may_start_others_when_it_sees_again(string reason)
    {
        await Birth();
        await Decide("front", 0, 0.9f, 0.1f);
        await Heard(3);
        _stage.Report(new StreamStatus("front", StreamState.Degraded, reason, _clock.GetUtcNow(), 8));
        Assert.Equal(
            ["p/front/status degraded", "p/front/events end video_lost", "p/front/action/fall/state OFF q1 retained"], await Heard(3));

        _stage.Report(new StreamStatus("front", StreamState.Online, null, _clock.GetUtcNow(), 8));
        await Decide("front", 0, 0.9f, 0.1f);
        Assert.Equal(
            ["p/front/status online", "p/front/events start", "p/front/action/fall/state ON q1 retained", "p/front/scores …"],
            await Heard(4));
    }

    [Fact]
    public async Task A_camera_that_is_only_slow_keeps_its_events()
    {
        await Birth();
        await Decide("front", 0, 0.9f, 0.1f);
        await Heard(3);
        _stage.Report(new StreamStatus("front", StreamState.Degraded, "low_density", _clock.GetUtcNow(), 4));
        await Decide("front", 0, 0.9f, 0.1f);
        Assert.Equal(["p/front/status degraded", "p/front/scores …"], await Heard(2));
    }

    [Fact]
    public async Task When_the_input_ends_events_end_states_go_off_and_the_node_says_offline_and_goodbye()
    {
        await Birth();
        await Decide("front", 0, 0.9f, 0.1f);
        await Heard(3);
        _scores.Complete();
        Assert.Equal(
            [
                "p/front/events end stopped", "p/front/action/fall/state OFF q1 retained", "p/edge/status offline q1 retained", "goodbye",
            ],
            await Heard(4));
        await _running;
    }

    [Fact]
    public async Task Scores_come_as_often_as_was_asked_for()
    {
        await Birth();
        for (var i = 0; i < 4; i++)
        {
            await Decide("yard", 1, 0, 0);
        }

        await Decide("front", 1, 0, 0);
        Assert.Equal(["p/yard/scores …", "p/yard/scores …", "p/front/scores …"], await Heard(3));
    }

    [Fact]
    public async Task Once_a_minute_the_node_sums_up()
    {
        await Birth();
        _clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(["p/edge/stats …"], await Heard(1));
    }

    [Fact]
    public async Task At_a_broker_that_keeps_nothing_it_says_once_a_minute_how_everything_is()
    {
        await Birth();
        await _broker.Tried();
        _broker.Limits = new(null, KeepsRetained: false);
        _broker.Cut();
        for (var again = _broker.Tried(); !again.IsCompleted;)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.WhenAny(again, Task.Delay(1));
        }

        var born = await Birth();
        _clock.Advance(TimeSpan.FromSeconds(60));
        var heard = await Heard(11);
        Assert.Equal([.. born.Append("p/edge/stats …").Order()], heard.Order());
        Assert.DoesNotContain(heard, line => line.EndsWith("retained", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_observer_sees_every_decision_and_each_cameras_status_from_the_first()
    {
        await Decide("front", 0, 0.9f, 0.1f);
        var detection = await _seen.Task.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(("front", "fall"), (detection.Stream, detection.TopK[0].Label));
        Assert.Equal(
            [("front", StreamState.Connecting), ("yard", StreamState.Connecting)],
            _statuses.Select(status => (status.Stream, status.State)));
    }
}
