using System.Diagnostics.Metrics;
using System.Text.Json;
using ActionStream.Core.Media;
using ActionStream.Core.Modelling;
using ActionStream.Core.Results;
using ActionStream.Core.Stages;
using ActionStream.Publish;
using ActionStream.Publish.Events;
using ActionStream.Publish.Mqtt.Client;
using ActionStream.Publish.Mqtt.Messages;
using ActionStream.Publish.Mqtt.Sending;
using ActionStream.Publish.Snapshots;
using ActionStream.Unit.Publish.Mqtt;
using ActionStream.Unit.Support;
using SkiaSharp;

namespace ActionStream.Unit.Publish.Snapshots;

/// <summary>From the answers with their frames to files, messages and names.</summary>
public sealed class EventSnapshotsTests : IDisposable
{
    private static readonly ModelCard Card = new() { Name = "toy", Labels = ["walk", "Fall floor"] };

    private static readonly EventOptions Quick = new()
    {
        Smoothing = TimeSpan.Zero,
        MinDuration = TimeSpan.Zero,
        MergeGap = TimeSpan.Zero,
        Labels = ["fall_floor"],
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("pictures-").FullName;
    private readonly FakeClock _clock = new();
    private readonly FakeBroker _broker = new();
    private readonly Meter _meter = new("test");
    private readonly PixelPool _pool = new();

    public void Dispose()
    {
        _meter.Dispose();
        _pool.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task An_event_names_its_pictures_and_they_show_its_peak()
    {
        using var link = new MqttLink(
            new MqttOptions { Prefix = "p" }, "edge", _meter, _clock, new Random(1), new LogLines<MqttLink>(), _broker.CreateClient);
        using var pictures = new EventSnapshots(
            new MediaOptions { Path = _folder, Mqtt = true }, Card, link.Outbox, link.Topics, new SnapshotMeter(_meter), _clock,
            new LogLines<EventSnapshots>());
        var stageMeter = new StageMeter(_meter, "publish");
        await using var scores = new StageChannel<ClipScores>(new(16, DropPolicy.None), stageMeter);
        var steps = new List<ActionEvent>();
        var stage = new PublishStage(
            scores, [new("front", Card, Quick)], new("edge", "boot", "0.1.0", "cpu"), link, stageMeter, _meter, _clock,
            new LogLines<PublishStage>(), [new FakeObserver(stepped: steps.Add)])
        {
            Snapshots = pictures,
        };
        var made = new List<(string Id, MediaNames Names)>();
        pictures.OnMade += (id, names) => made.Add((id, names));
        var running = stage.RunAsync(default);
        var drawing = pictures.RunAsync(default);

        foreach (var (score, shade) in ((float, byte)[])[(0.1f, 10), (0.7f, 70), (0.95f, 95), (0.8f, 80), (0.1f, 10)])
        {
            await scores.WriteAsync(Answer(score, shade), default);
        }

        // Before the stop: what is drawn after it reaches the folder only.
        var heard = new List<string>();
        while (!(Has("p/front/snapshot") && Has("p/front/action/fall_floor/snapshot") && Has("p/front/action/fall_floor/state OFF"))
            && heard.Count < 30)
        {
            heard.Add(await _broker.Heard());
        }

        scores.Complete();
        await running.WaitAsync(TimeSpan.FromSeconds(10));
        pictures.Complete();
        await drawing.WaitAsync(TimeSpan.FromSeconds(10));

        var id = steps[0].Id;
        Assert.Equal([EventType.Start, EventType.End], steps.Select(step => step.Type));
        Assert.Equal(
            new MediaNames("p/front/action/fall_floor/snapshot", $"/media/front/{id}.jpg", $"/media/front/{id}-frames.jpg"),
            made[^1].Names);

        using var snapshot = SKBitmap.Decode(pictures.Store!.Open("front", $"{id}.jpg"));
        Assert.Equal((16, 16), (snapshot.Width, snapshot.Height));
        Assert.InRange(snapshot.GetPixel(8, 8).Red, 93, 97); // the peak's own frame
        using var sheet = SKBitmap.Decode(pictures.Store.Open("front", $"{id}-frames.jpg"));
        Assert.Equal((34, 34), (sheet.Width, sheet.Height)); // four frames of 16, two gaps of 2
        Assert.Equal(0, _pool.InUse);

        // The event's message names the topic.
        var start = heard.First(line => line.StartsWith("p/front/events", StringComparison.Ordinal));
        using var json = JsonDocument.Parse(start[start.IndexOf('{')..(start.LastIndexOf('}') + 1)]);
        Assert.Equal("p/front/action/fall_floor/snapshot", json.RootElement.GetProperty("snapshot_topic").GetString());
        Assert.Equal($"/media/front/{id}.jpg", json.RootElement.GetProperty("snapshot_url").GetString());

        Assert.EndsWith(
            "q0 retained", heard.First(line => line.StartsWith("p/front/snapshot", StringComparison.Ordinal)), StringComparison.Ordinal);

        bool Has(string message) => heard.Exists(line => line.StartsWith(message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("removed")]
    [InlineData("renamed")]
    public async Task A_camera_that_goes_or_begins_anew_lets_go_of_the_peaks_of_events_that_never_came(string what)
    {
        using var link = new MqttLink(
            new MqttOptions { Prefix = "p" }, "edge", _meter, _clock, new Random(1), new LogLines<MqttLink>(), _broker.CreateClient);
        using var pictures = new EventSnapshots(
            new MediaOptions { Path = _folder }, Card, link.Outbox, link.Topics, new SnapshotMeter(_meter), _clock,
            new LogLines<EventSnapshots>());
        var stageMeter = new StageMeter(_meter, "publish");
        await using var scores = new StageChannel<ClipScores>(new(16, DropPolicy.None), stageMeter);
        using var decided = new SemaphoreSlim(0);
        // detected, and far from an event
        var camera = new PublishedStream("front", Card, Quick with { MinDuration = TimeSpan.FromMinutes(1) });
        var stage = new PublishStage(
            scores, [camera], new("edge", "boot", "0.1.0", "cpu"), link, stageMeter, _meter, _clock, new LogLines<PublishStage>(),
            [new FakeObserver(decided: _ => decided.Release())])
        {
            Snapshots = pictures,
        };
        using var leave = new CancellationTokenSource();
        var running = stage.RunAsync(leave.Token);

        await scores.WriteAsync(Answer(0.9f, 90), default);
        Assert.True(await decided.WaitAsync(TimeSpan.FromSeconds(10)));
        await scores.WriteAsync(Answer(0.1f, 10), default); // the answer before is given back when the next one comes
        Assert.True(await decided.WaitAsync(TimeSpan.FromSeconds(10)));
        await scores.WriteAsync(Answer(0.8f, 80), default);
        Assert.True(await decided.WaitAsync(TimeSpan.FromSeconds(10)));
        await Until(() => _pool.InUse == 4); // the peak's frames and nothing else

        if (what == "removed")
        {
            stage.Remove("front");
        }
        else
        {
            stage.Add(camera with { Name = "Front door", GoesOn = true });
        }

        Assert.Equal(0, _pool.InUse);
        scores.Complete();
        await running.WaitAsync(TimeSpan.FromSeconds(10));

        static async Task Until(Func<bool> isSo)
        {
            for (var i = 0; i < 1000 && !isSo(); i++)
            {
                await Task.Delay(10, CancellationToken.None);
            }

            Assert.True(isSo());
        }
    }

    [Fact]
    public void Without_a_folder_and_without_the_broker_nobody_wants_pictures()
    {
        Assert.False(new MediaOptions().AreWanted);
        Assert.True(new MediaOptions { Mqtt = true }.AreWanted);
        Assert.True(new MediaOptions { Path = "x", Snapshots = false }.AreWanted);
        var none = new MediaOptions { Path = "x", Snapshots = false, ContactSheets = false };
        Assert.False(none.AreWanted);
        var clips = none with { Recordings = new() { Enabled = true } };
        Assert.Equal((true, false), (clips.AreWanted, clips.AreDrawn));
    }

    private int _window;

    private ClipScores Answer(float score, byte shade)
    {
        _clock.Advance(TimeSpan.FromMilliseconds(500));
        var now = _clock.GetTimestamp();
        var end = TimeSpan.FromMilliseconds(500 * ++_window);
        var blocks = new PixelBlock[4];
        for (var i = 0; i < blocks.Length; i++)
        {
            blocks[i] = _pool.Rent(16 * 16 * 3);
            blocks[i].Span.Fill(shade);
        }

        var time = new ClipTime(0, 0, 0, end - TimeSpan.FromSeconds(2), end, TimeSpan.Zero, now, now);
        return new("front", _window, time, new(4, 0, default), [1 - score, score], "cpu", now, now)
        {
            Clip = new("front", time, default, new(16, 16), blocks),
        };
    }
}
