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

/// <summary>What subscribers see of a camera that sleeps.</summary>
public sealed class SleepingCamerasTests : IAsyncDisposable, ICameraControls
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
    private readonly List<(string Camera, TimeSpan Time)> _woken = [];
    private readonly MqttLink _link;
    private readonly PublishStage _stage;
    private readonly Task _running;
    private long _window;

    public SleepingCamerasTests()
    {
        var stageMeter = new StageMeter(_meter, "publish");
        _scores = new(new(16, DropPolicy.None), stageMeter);
        _link = new(
            new MqttOptions { Prefix = "p" }, "edge", _meter, _clock, new Random(1), new LogLines<MqttLink>(), _broker.CreateClient);
        _stage = new(
            _scores, [new("front", Card, Quick), new("slow", Card, Quick with { Scores = "5s" })], new("edge", "boot", "0.1.0", "cpu"),
            _link, stageMeter, _meter, _clock, new LogLines<PublishStage>(), [], this);
        _running = _stage.RunAsync(default);
    }

    public async ValueTask DisposeAsync()
    {
        _scores.Complete();
        await _running.WaitAsync(TimeSpan.FromSeconds(10));
        _link.Dispose();
        _meter.Dispose();
    }

    void ICameraControls.Switch(string camera, bool isOn)
    {
    }

    bool ICameraControls.TakeSnapshot(string camera) => false;

    bool ICameraControls.Wake(string camera, TimeSpan time)
    {
        _woken.Add((camera, time));
        return true;
    }

    [Fact]
    public async Task The_last_scores_are_said_again_with_every_heartbeat_and_begin_no_event()
    {
        await _broker.Heard(10);
        await Decide("front", 0.9f);
        await _broker.Heard(3); // start, ON, scores
        await Decide("front", 0.05f);
        await _broker.Heard(2); // end, OFF
        var last = Json(await _broker.Heard());
        var events = _stage.Events;
        Beat("front");
        Beat("front");
        var first = Json(await _broker.Heard());
        var second = Json(await _broker.Heard());

        Assert.False(last.TryGetProperty("asleep", out _));
        Assert.All([first, second], again =>
        {
            Assert.True(again.GetProperty("asleep").GetBoolean());
            Assert.Equal(last.GetProperty("topk").GetRawText(), again.GetProperty("topk").GetRawText());
            Assert.Equal(last.GetProperty("window").GetProperty("id").GetInt64(), again.GetProperty("window").GetProperty("id").GetInt64());
        });
        Assert.Equal(2, End(first) - End(last), 0.001);
        Assert.Equal(2, End(second) - End(first), 0.001);
        Assert.Equal(
            last.GetProperty("seq").GetInt64() + 2, second.GetProperty("seq").GetInt64()); // no gap for who counts
        Assert.Equal((events, 2), (_stage.Events, _stage.Decisions));
    }

    [Fact]
    public async Task Scores_that_are_wanted_now_and_then_come_no_more_often_asleep()
    {
        await _broker.Heard(10);
        await Decide("slow", 0.05f);
        await _broker.Heard();
        for (var i = 0; i < 10; i++)
        {
            Beat("slow"); // 20 s
        }

        var ends = new List<double>();
        Beat("front"); // nothing was decided of it: nothing to repeat
        _clock.Advance(TimeSpan.FromSeconds(40)); // the minute's summary, at last
        string heard;
        while (!(heard = await _broker.Heard()).StartsWith("p/edge/stats", StringComparison.Ordinal))
        {
            Assert.StartsWith("p/slow/scores", heard, StringComparison.Ordinal);
            ends.Add(End(Json(heard)));
        }

        Assert.Equal(3, ends.Count);
        Assert.All(ends.Zip(ends.Skip(1)), pair => Assert.True(pair.Second - pair.First >= 5, $"{pair}"));
    }

    [Fact]
    public async Task What_is_decided_after_waking_is_published_though_it_is_older_than_the_last_heartbeat()
    {
        await _broker.Heard(10);
        await Decide("front", 0.05f);
        await _broker.Heard();
        Beat("front");
        await _broker.Heard();
        await Decide("front", 0.3f, TimeSpan.FromSeconds(1)); // its window ended before the heartbeat
        Assert.False(Json(await _broker.Heard()).TryGetProperty("asleep", out _));
    }

    [Fact]
    public async Task Without_a_model_nothing_is_said_again()
    {
        await _broker.Heard(10);
        await Decide("front", 0.05f);
        await _broker.Heard();
        _stage.Report(new ModelStatus(ModelState.Lost, "cpu", "gone"));
        Beat("front");
        _stage.Report(new ModelStatus(ModelState.Ready, "cpu"));
        Beat("front");
        string heard;
        var repeated = 0;
        do
        {
            heard = await _broker.Heard();
            repeated += heard.StartsWith("p/front/scores", StringComparison.Ordinal) ? 1 : 0;
        }
        while (repeated == 0);
        Assert.Equal(_clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0, End(Json(heard)), 0.001); // the second one
    }

    [Fact]
    public async Task The_status_is_online_and_says_that_it_sleeps_and_so_does_the_minutes_summary()
    {
        await _broker.Heard(10);
        var now = _clock.GetUtcNow();
        _stage.Report(new StreamStatus("front", StreamState.Online, null, now, 8) { Sleep = new(true, now, [], ["motion"]) });
        var status = Json(await _broker.Heard());
        Assert.Equal(
            ("online", true, 0),
            (status.GetProperty("state").GetString(), status.GetProperty("asleep").GetBoolean(),
                status.GetProperty("awake_because").GetArrayLength()));
        _clock.Advance(TimeSpan.FromSeconds(60));
        var cameras = Json(await _broker.Heard()).GetProperty("cameras");
        Assert.True(cameras.GetProperty("front").GetProperty("asleep").GetBoolean());
        Assert.False(cameras.GetProperty("slow").GetProperty("asleep").GetBoolean());
        _stage.Report(new StreamStatus("front", StreamState.Online, null, now, 8) { Sleep = new(false, now, ["motion", "event"], []) });
        Assert.Equal("""["motion","event"]""", Json(await _broker.Heard()).GetProperty("awake_because").GetRawText());
    }

    [Fact]
    public async Task A_command_wakes_a_camera_for_a_while()
    {
        await _broker.Heard(10);
        await _broker.Tried();
        _broker.Deliver("p/front/wake/set", "");
        _broker.Deliver("p/front/wake/set", "2.5");
        _broker.Deliver("p/front/wake/set", "0");
        _broker.Deliver("p/front/wake/set", "3601");
        _broker.Deliver("p/front/wake/set", "now");
        _broker.Deliver("p/front/wake/set", "10", retain: true);
        _broker.Deliver("p/other/wake/set", "10");
        Assert.Equal([("front", TimeSpan.FromSeconds(30)), ("front", TimeSpan.FromSeconds(2.5))], _woken);
    }

    private static JsonElement Json(string heard)
    {
        var (from, to) = (heard.IndexOf('{', StringComparison.Ordinal), heard.LastIndexOf('}'));
        using var json = JsonDocument.Parse(heard[from..(to + 1)]);
        return json.RootElement.Clone();
    }

    private static double End(JsonElement scores) => scores.GetProperty("window").GetProperty("end").GetDouble();

    private void Beat(string stream)
    {
        _clock.Advance(TimeSpan.FromSeconds(2));
        _stage.Report(new Heartbeat(stream, new(0, TimeSpan.Zero, _clock.GetTimestamp())));
    }

    private async Task Decide(string stream, float fall, TimeSpan age = default)
    {
        _clock.Advance(TimeSpan.FromMilliseconds(500));
        var now = _clock.GetTimestamp() - age.Ticks;
        var end = TimeSpan.FromMilliseconds(500 * ++_window);
        await _scores.WriteAsync(
            new(
                stream, _window, new(0, 0, 0, end - TimeSpan.FromSeconds(2), end, TimeSpan.Zero, now, now), new(16, 0, default),
                [0, fall, 1 - fall], "cpu", now, now),
            default);
    }
}
