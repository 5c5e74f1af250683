using System.Diagnostics.Metrics;
using System.IO.Pipelines;
using System.Text.Json;
using ActionStream.Core.Results;
using ActionStream.Host.Configuration;
using ActionStream.Host.Web.Live;
using ActionStream.Publish.Events;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Host.Web.Live;

public sealed class LiveFeedTests : IAsyncDisposable
{
    private readonly FakeClock _clock = new();
    private readonly Meter _meter = new("test");
    private readonly LiveMeter _live;
    private readonly LiveFeed _feed;
    private readonly CancellationTokenSource _leave = new();
    private readonly Pipe _pipe = new();
    private readonly StreamReader _reader;
    private Task _writing = Task.CompletedTask;

    public LiveFeedTests()
    {
        _live = new(_meter);
        _feed = new("edge", "0.1.0", _clock, _live);
        _feed.Show("front", "Front door", 0.6);
        _reader = new(_pipe.Reader.AsStream());
    }

    public async ValueTask DisposeAsync()
    {
        await _leave.CancelAsync();
        await _writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _meter.Dispose();
        _leave.Dispose();
    }

    private void Come(Stream? to = null) => _writing = _feed.WriteAsync(to ?? _pipe.Writer.AsStream(), _leave.Token);

    private async Task<(string Name, JsonElement Content)> Next()
    {
        var name = (await _reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(10)))!["event: ".Length..];
        var content = JsonDocument.Parse((await _reader.ReadLineAsync())!["data: ".Length..]).RootElement;
        Assert.Equal("", await _reader.ReadLineAsync());
        return (name, content);
    }

    private static ActionEvent Step(EventType type, string id = "front-1") => new(
        type, id, "fall", 1, 0.7, 0.9, 0.8, DateTimeOffset.UnixEpoch, null, TimeSpan.FromSeconds(1), null,
        new("front", 1, default, default, default, "cpu", [new("fall", 0.7)], ["fall"], default, default));

    [Fact]
    public async Task The_marks_are_the_thresholds_in_force_at_once()
    {
        _feed.OnThresholds("back", new Dictionary<string, double> { ["fall"] = 0.9 }); // before the camera is shown
        _feed.OnThresholds("front", new Dictionary<string, double> { ["fall"] = 0.46, ["wave"] = 0.95 });
        _feed.Show("back", "Back door", 0.6);
        Come();
        var (_, hello) = await Next();
        Assert.Equal(0.46, Mark(hello.GetProperty("cameras")[0], "fall"));
        Assert.Equal(0.95, Mark(hello.GetProperty("cameras")[0], "wave"));
        Assert.Equal(0.9, Mark(hello.GetProperty("cameras")[1], "fall"));
        Assert.Equal(LocalZone.Name(_clock), hello.GetProperty("zone").GetString());

        _feed.OnThresholds("front", new Dictionary<string, double> { ["fall"] = 0.7, ["wave"] = 0.95 });
        var (name, status) = await Next();
        Assert.Equal(("status", "front", 0.7), (name, status.GetProperty("key").GetString(), Mark(status, "fall")));
        Assert.Equal(0.7, status.GetProperty("enter").GetDouble());

        static double Mark(JsonElement camera, string label) => camera.GetProperty("thresholds").GetProperty(label).GetDouble();
    }

    [Fact]
    public async Task Whoever_comes_is_told_everything_and_then_every_change()
    {
        _feed.OnEvent(Step(EventType.Start));
        _feed.OnSnapshots("front-1", "/media/front/front-1.jpg", null);
        Come();
        var (name, hello) = await Next();
        Assert.Equal("hello", name);
        Assert.Equal("Front door", hello.GetProperty("cameras")[0].GetProperty("name").GetString());
        var told = hello.GetProperty("events")[0];
        Assert.Equal(("start", "fall", "/media/front/front-1.jpg"),
            (told.GetProperty("type").GetString(), told.GetProperty("label").GetString(), told.GetProperty("snapshot_url").GetString()));
        Assert.Equal(1, _live.Clients);

        _feed.OnStatus(new StreamStatus("front", StreamState.Offline, "auth", _clock.GetUtcNow(), 0));
        (name, var status) = await Next();
        Assert.Equal(
            ("status", "offline", "auth"), (name, status.GetProperty("state").GetString(), status.GetProperty("reason").GetString()));
        _feed.OnEvent(Step(EventType.End));
        (name, var end) = await Next();
        Assert.Equal(("event", "end"), (name, end.GetProperty("type").GetString()));
        Assert.Equal("/media/front/front-1.jpg", end.GetProperty("snapshot_url").GetString()); // it still has its picture
    }

    [Fact]
    public async Task A_camera_that_sleeps_is_shown_with_since_when_and_what_woke_it_last()
    {
        Come();
        await Next();
        var since = _clock.GetUtcNow();
        _feed.OnStatus(new StreamStatus("front", StreamState.Online, null, since, 8) { Sleep = new(true, since, [], ["motion"]) });
        var (_, status) = await Next();
        Assert.Equal(
            ("online", true, since.ToUnixTimeMilliseconds(), "motion"),
            (status.GetProperty("state").GetString(), status.GetProperty("asleep").GetBoolean(),
                status.GetProperty("sleep_since").GetInt64(), status.GetProperty("woken_by")[0].GetString()));
    }

    [Fact]
    public async Task Scores_come_at_most_ten_times_a_second()
    {
        Come();
        await Next();
        for (var i = 0; i < 20; i++)
        {
            _feed.OnDecision(new Decision("front", i, default, default, default, "cpu", [new("fall", i / 20.0)], [], default, default));
            _clock.Advance(TimeSpan.FromMilliseconds(50));
        }

        _feed.Remove("front");
        var messages = new List<string>();
        while ((await Next()).Name is var name && name != "hello")
        {
            messages.Add(name);
        }

        Assert.Equal(10, messages.Count(message => message == "scores"));
    }

    [Fact]
    public async Task A_browser_that_falls_behind_is_cut_off_and_others_are_not()
    {
        var stuck = new Pipe(new PipeOptions(pauseWriterThreshold: 16, resumeWriterThreshold: 8));
        var behind = _feed.WriteAsync(stuck.Writer.AsStream(), _leave.Token);
        Come();
        await Next();
        for (var i = 0; i < 400; i++)
        {
            _feed.OnEvent(Step(EventType.Start, $"front-{i}"));
            Assert.Equal($"front-{i}", (await Next()).Content.GetProperty("id").GetString());
        }

        var reading = stuck.Reader.AsStream();
        var buffer = new byte[4096];
        while (!behind.IsCompleted)
        {
            await Task.WhenAny(behind, reading.ReadAsync(buffer).AsTask());
        }

        await behind;
        Assert.Equal(1, _live.Clients);
    }

    [Fact]
    public async Task A_silent_connection_is_kept_alive()
    {
        Come();
        await Next();
        _clock.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(": still here", await _reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task Only_so_many_events_are_remembered()
    {
        for (var i = 0; i < 200; i++)
        {
            _feed.OnEvent(Step(EventType.Start, $"front-{i}"));
        }

        Come();
        var events = (await Next()).Content.GetProperty("events");
        Assert.Equal((60, "front-199"), (events.GetArrayLength(), events[59].GetProperty("id").GetString()));
    }
}
