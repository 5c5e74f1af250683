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
using Microsoft.Extensions.Logging;

namespace ActionStream.Unit.Publish;

/// <summary>Cameras that come, change and go while the service runs; what people ask of them; what a former start left behind.</summary>
public sealed class StreamsTests : IAsyncDisposable
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
        Labels = ["fall"],
    };

    private readonly FakeClock _clock = new();
    private readonly FakeBroker _broker = new();
    private readonly LogLines<PublishStage> _log = new();
    private readonly Meter _meter = new("test");
    private readonly MeterListener _counting = new();
    private readonly Dictionary<string, long> _counts = [];
    private readonly StageChannel<ClipScores> _scores;
    private readonly FakeControls _controls = new();
    private readonly List<string> _thresholds = [];
    private readonly MqttLink _link;
    private readonly PublishStage _stage;
    private Task _running = Task.CompletedTask;
    private long _window;

    public StreamsTests()
    {
        _counting.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == _meter && instrument.Name.StartsWith("actionstream.mqtt.commands", StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _counting.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            lock (_counts)
            {
                var tag = (string)tags[0].Value!;
                _counts[tag] = _counts.GetValueOrDefault(tag) + count;
            }
        });
        _counting.Start();
        var stageMeter = new StageMeter(_meter, "publish");
        _scores = new(new(16, DropPolicy.None), stageMeter);
        _link = new(
            new MqttOptions { Prefix = "p", Discovery = new() { Enabled = true, Prefix = "ha" } }, "edge", _meter, _clock, new Random(1),
            new LogLines<MqttLink>(), _broker.CreateClient);
        _stage = new(
            _scores, [new("front", Card, Quick)], new("edge", "boot", "0.1.0", "cpu"), _link, stageMeter, _meter, _clock, _log,
            [new FakeObserver(thresholds: (stream, enter) => _thresholds.Add($"{stream} {string.Join(" ", enter)}"))], _controls);
    }

    public async ValueTask DisposeAsync()
    {
        _scores.Complete();
        await _running.WaitAsync(TimeSpan.FromSeconds(10));
        _link.Dispose();
        _counting.Dispose();
        _meter.Dispose();
    }

    private void Start() => _running = _stage.RunAsync(default);

    private async Task Decide(string stream, float fall)
    {
        _clock.Advance(TimeSpan.FromMilliseconds(500));
        var now = _clock.GetTimestamp();
        var end = TimeSpan.FromMilliseconds(500 * ++_window);
        await _scores.WriteAsync(
            new(
                stream, _window, new(0, 0, 0, end - TimeSpan.FromSeconds(2), end, TimeSpan.Zero, now, now), new(16, 0, default),
                [0, fall, 1 - fall], "cpu", now, now),
            default);
    }

    /// <summary>Topic, and the word or nothing; JSON is told elsewhere.</summary>
    private async Task<List<string>> HeardUntil(Func<string, bool> last)
    {
        List<string> all = [];
        do
        {
            var heard = await _broker.Heard();
            var parts = heard.Split(' ');
            all.Add(parts[1].StartsWith('{') ? $"{parts[0]} {{}}" : $"{parts[0]} {parts[1]}".TrimEnd());
        }
        while (!last(all[^1]));
        return all;
    }

    private Task<List<string>> Birth() => HeardUntil(line => line.StartsWith("p/front/threshold/fall/state", StringComparison.Ordinal));

    private static bool IsDiscovery(string line) => line.StartsWith("ha/", StringComparison.Ordinal);

    [Fact]
    public async Task On_connect_come_status_discovery_states_and_settings()
    {
        Start();
        Assert.Equal(
            [
                "p/edge/status online", "p/edge/info {}", "ha/binary_sensor/edge/edge_status/config {}",
                "ha/binary_sensor/edge/edge_front_fall/config {}", "ha/number/edge/edge_front_fall_threshold/config {}",
                "ha/event/edge/edge_front_action/config {}", "ha/sensor/edge/edge_front_fps/config {}",
                "ha/sensor/edge/edge_front_latency/config {}",
                "ha/switch/edge/edge_front_enabled/config {}", "p/front/status {}", "p/front/action/fall/state OFF",
                "p/front/enabled/state ON",
                "p/front/threshold/fall/state 0.6",
            ],
            await Birth());
    }

    [Fact]
    public async Task When_home_assistant_starts_everything_is_said_again_and_an_old_birth_is_none()
    {
        Start();
        var first = await Birth();
        _broker.Deliver("ha/status", "online", retain: true);
        _broker.Deliver("ha/status", "offline");
        _broker.Deliver("ha/status", "online");
        Assert.Equal(first, await Birth());
    }

    [Fact]
    public async Task A_camera_that_comes_is_announced_and_its_answers_count()
    {
        Start();
        await Birth();
        _stage.Add(new("yard", Card, Quick));
        var heard = await HeardUntil(line => line == "p/edge/info {}");
        Assert.Equal(6, heard.Count(IsDiscovery));
        Assert.Contains("p/yard/action/fall/state OFF", heard);
        await Decide("yard", 0.9f);
        Assert.Equal(
            ["p/yard/events {}", "p/yard/action/fall/state ON"], await HeardUntil(line => line.EndsWith("ON", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_camera_that_goes_ends_its_events_and_leaves_nothing_behind()
    {
        Start();
        var said = await Birth();
        await Decide("front", 0.9f);
        await HeardUntil(line => line == "p/front/action/fall/state ON");
        _stage.Remove("front");
        var heard = await HeardUntil(line => line == "p/edge/info {}");
        Assert.Equal(["p/front/events {}", "p/front/action/fall/state OFF"], heard.Take(2));
        var kept = said.Select(line => line.Split(' ')[0]).Where(topic => topic.Contains("front", StringComparison.Ordinal)).Order();
        Assert.Equal(kept, heard.Skip(2).SkipLast(1).Order());
        await Decide("front", 0.9f); // an answer that was under way

        _broker.Cut();
        _clock.Advance(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_camera_that_is_taken_out_and_put_back_counts_on()
    {
        Start();
        await Birth();
        await Decide("front", 0.9f);
        Assert.Equal(0, await NextSeq());
        _stage.Remove("front");
        Assert.Equal(1, await NextSeq());
        _stage.Add(new("front", Card, Quick));
        await Decide("front", 0.9f);
        Assert.Equal(2, await NextSeq());
    }

    private async Task<long> NextSeq()
    {
        while (true)
        {
            var heard = await _broker.Heard();
            if (heard.StartsWith("p/front/events ", StringComparison.Ordinal))
            {
                return JsonDocument.Parse(heard.Split(' ', 3)[1]).RootElement.GetProperty("seq").GetInt64();
            }
        }
    }

    [Fact]
    public async Task A_camera_that_changes_keeps_what_it_still_has()
    {
        Start();
        await Birth();
        _stage.Add(new("front", Card, Quick with { Labels = ["walk"] }));
        var heard = await HeardUntil(line => line == "p/edge/info {}");
        string[] gone = [.. heard.Where(line => !line.Contains(' ', StringComparison.Ordinal))];
        Assert.Equal(
            [
                "ha/binary_sensor/edge/edge_front_fall/config", "ha/number/edge/edge_front_fall_threshold/config",
                "p/front/action/fall/state", "p/front/threshold/fall/state",
            ],
            gone.Order());
        Assert.Contains("p/front/action/walk/state OFF", heard);
    }

    [Fact]
    public async Task What_a_former_start_left_behind_is_removed_and_what_another_node_owns_is_not()
    {
        const string Ours = """{"origin":{"name":"ActionStream"}}""";
        _broker.Kept["ha/binary_sensor/edge/edge_gone_fall/config"] = Ours;
        _broker.Kept["ha/binary_sensor/edge/edge_front_fall/config"] = Ours;
        _broker.Kept["ha/sensor/edge/cpu_temperature/config"] = """{"origin":{"name":"another program on this machine"}}""";
        _broker.Kept["ha/sensor/edge/memory/config"] = """{"origin":1}""";
        _broker.Kept["ha/sensor/edge/disk/config"] = "no JSON";
        _broker.Kept["p/edge/info"] = """{"cameras":["gone","moved","front",7,"#"]}""";
        _broker.Kept["p/gone/status"] = """{"state":"online","node":"edge"}""";
        _broker.Kept["p/gone/action/fall/state"] = "ON";
        _broker.Kept["p/moved/status"] = """{"state":"online","node":"other"}""";
        _broker.Kept["p/moved/action/fall/state"] = "ON";
        _broker.Kept["p/front/action/walk/state"] = "ON";
        Start();
        var heard = new List<string>();
        while (heard.Count(line => !line.Contains(' ', StringComparison.Ordinal)) < 4
            || !heard.Any(line => line.StartsWith("p/front/threshold", StringComparison.Ordinal)))
        {
            heard.AddRange(await HeardUntil(_ => true));
        }

        Assert.Equal(
            ["ha/binary_sensor/edge/edge_gone_fall/config", "p/front/action/walk/state", "p/gone/action/fall/state", "p/gone/status"],
            heard.Where(line => !line.Contains(' ', StringComparison.Ordinal)).Order());
    }

    [Fact]
    public async Task A_camera_is_switched_off_and_on_and_says_so()
    {
        List<(string, bool)> switched = [];
        _controls.Switching = (camera, isOn) =>
        {
            switched.Add((camera, isOn));
            _stage.Report(new StreamStatus(camera, isOn ? StreamState.Connecting : StreamState.Disabled, null, _clock.GetUtcNow(), 0));
        };
        Start();
        await Birth();
        await Decide("front", 0.9f);
        await HeardUntil(line => line == "p/front/action/fall/state ON");
        _broker.Deliver("p/front/enabled/set", "OFF");
        Assert.Equal(
            ["p/front/status {}", "p/front/events {}", "p/front/action/fall/state OFF", "p/front/enabled/state OFF"],
            await HeardUntil(line => line.StartsWith("p/front/enabled", StringComparison.Ordinal)));
        await Decide("front", 0.9f); // looked at before the switch
        _broker.Deliver("p/front/enabled/set", "ON");
        Assert.Equal(
            ["p/front/status {}", "p/front/enabled/state ON"],
            await HeardUntil(line => line.StartsWith("p/front/enabled", StringComparison.Ordinal)));
        Assert.Equal([("front", false), ("front", true)], switched);
    }

    [Fact]
    public async Task A_threshold_holds_from_the_next_decision_on()
    {
        Start();
        await Birth();
        await Decide("front", 0.5f);
        _broker.Deliver("p/front/threshold/fall/set", "0.45");
        Assert.Equal("p/front/threshold/fall/state 0.45", (await HeardUntil(_ => true))[0]);
        Assert.Equal(["front [fall, 0.6]", "front [fall, 0.45]"], _thresholds); // what the live page marks
        await Decide("front", 0.5f);
        Assert.Contains("p/front/action/fall/state ON", await HeardUntil(line => line.Contains("/action/", StringComparison.Ordinal)));
        await Decide("front", 0.29f); // 0.4 of 0.6 is two thirds: 0.3 of 0.45
        Assert.Contains("p/front/action/fall/state OFF", await HeardUntil(line => line.Contains("/action/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_cannot_be_meant_is_counted_by_reason_and_logged_once_a_minute()
    {
        Start();
        await Birth();
        _broker.Deliver("p/front/snapshot/set", "");
        _controls.TakesSnapshots = true;
        _controls.Switching = (_, _) => Assert.Fail("must not switch");
        _broker.Deliver("p/front/enabled/set", "OFF", retain: true);
        _broker.Deliver("p/front/enabled/set", "on");
        _broker.Deliver("p/front/enabled/set", new string('x', 100_000));
        _broker.Deliver("p/front/enabled/set", [0xFF, 0xFE, 0xC0, (byte)'\n']);
        _broker.Deliver("p/front/threshold/fall/set", "half");
        _broker.Deliver("p/front/threshold/fall/set", "NaN");
        _broker.Deliver("p/front/threshold/fall/set", "0");
        _broker.Deliver("p/front/threshold/fall/set", "1.01");
        _broker.Deliver("p/front/threshold/nothing/set", "0.5");
        _broker.Deliver("p/other/enabled/set", "OFF");
        _broker.Deliver("p/front/snapshot/set", "now");
        lock (_counts)
        {
            Assert.Equal(
                (1, 1, 3, 1, 3, 1, 1, 0),
                (_counts["unsupported"], _counts["retained"], _counts["malformed"], _counts["too_large"], _counts["out_of_range"],
                    _counts["unknown_class"], _counts["snapshot"], _counts["enabled"]));
        }

        Assert.Equal(["front"], _controls.Snapshots);
        Assert.Single(_log.Lines, line => line.Level == LogLevel.Warning);
        _clock.Advance(TimeSpan.FromSeconds(61));
        _broker.Deliver("p/front/enabled/set", "on");
        Assert.Contains("9 others", _log.Lines.Last(line => line.Level == LogLevel.Warning).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_forbids_to_listen_is_complained_of_and_published_to()
    {
        _broker.Forbids = filter => filter.EndsWith("/set", StringComparison.Ordinal);
        Start();
        await Birth();
        Assert.DoesNotContain(_broker.Filters, filter => filter.EndsWith("/set", StringComparison.Ordinal));
        Assert.Contains("p/edge/info", _broker.Filters);
    }

    private sealed class FakeControls : ICameraControls
    {
        public Action<string, bool> Switching { get; set; } = (_, _) => { };

        public bool TakesSnapshots { get; set; }

        public List<string> Snapshots { get; } = [];

        public void Switch(string camera, bool isOn) => Switching(camera, isOn);

        public bool TakeSnapshot(string camera)
        {
            if (TakesSnapshots)
            {
                Snapshots.Add(camera);
            }

            return TakesSnapshots;
        }

        public bool Wake(string camera, TimeSpan time) => false;
    }
}
