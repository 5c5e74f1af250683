using System.Diagnostics.Metrics;
using System.Text.Json;
using ActionStream.Core.Media;
using ActionStream.Core.Modelling;
using ActionStream.Core.Results;
using ActionStream.Core.Stages;
using ActionStream.Publish;
using ActionStream.Publish.Events.Zones;
using ActionStream.Publish.Mqtt.Sending;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Publish.Mqtt.Messages;

/// <summary>What a listener written for Frigate hears.</summary>
public sealed class FrigateMirrorTests
{
    private static readonly Zone Left = new(
        "left", new() { Points = [[0, 0], [0.5, 0], [0.5, 1], [0, 1]], MinShare = 0.8 }, FrameArea.Whole, 1, 2);
    private static readonly ModelCard Card = new()
    {
        Name = "toy",
        Labels = ["fall floor", "nothing"],
        Output = new() { Background = "nothing" },
    };

    [Fact]
    public async Task Each_event_is_said_as_new_update_and_end_beside_our_own()
    {
        var (clock, broker) = (new FakeClock(), new FakeBroker());
        using var meter = new Meter("test");
        var stageMeter = new StageMeter(meter, "publish");
        await using var scores = new StageChannel<ClipScores>(new(16, DropPolicy.None), stageMeter);
        using var link = new MqttLink(
            new() { Prefix = "p", FrigatePrefix = "frigate" }, "edge", meter, clock, new Random(1), new LogLines<MqttLink>(),
            broker.CreateClient);
        var stage = new PublishStage(
            scores, [new("front", Card, new() { Smoothing = default, MinDuration = default, MergeGap = default, UpdateEvery = default })
            {
                Zones = [Left],
            }],
            new("edge", "boot", "0.1.0", "cpu"), link, stageMeter, meter, clock, new LogLines<PublishStage>());
        var running = stage.RunAsync(default);
        foreach (var fall in (float[])[0.7f, 0.9f, 0.1f])
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            var now = clock.GetTimestamp();
            var end = TimeSpan.FromTicks(now);
            await scores.WriteAsync(
                new("front", 1, new(0, 0, 0, end, end, default, now, now), new(16, 0, default), [fall, 1 - fall], "cpu", now, now)
                {
                    Attention = [fall, 1 - fall],
                },
                default);
        }

        scores.Complete();
        await running.WaitAsync(TimeSpan.FromSeconds(10));

        List<string> heard = [];
        while (heard.LastOrDefault() != "goodbye")
        {
            heard.Add(await broker.Heard());
        }

        var ours = heard.Where(line => line.StartsWith("frigate/", StringComparison.Ordinal)).ToList();
        Assert.Equal(
            [
                "frigate/available online q1 retained", "frigate/front/fall_floor 0 q1 retained", "frigate/front/fall_floor 1 q1 retained",
                "frigate/front/fall_floor 0 q1 retained", "frigate/available offline q1 retained",
            ],
            ours.Where(line => !line.StartsWith("frigate/events", StringComparison.Ordinal)));
        var events = ours.Where(line => line.StartsWith("frigate/events", StringComparison.Ordinal))
            .Select(line => JsonDocument.Parse(line["frigate/events ".Length..(line.LastIndexOf('}') + 1)]).RootElement).ToList();
        Assert.Equal(["new", "update", "end"], events.Select(one => one.GetProperty("type").GetString()));
        Assert.Single(events.Select(one => one.GetProperty("after").GetProperty("id").GetString()).Distinct());
        Assert.Equal([0.7, 0.9, 0.1], events.Select(one => one.GetProperty("after").GetProperty("score").GetDouble()));
        Assert.Equal([0.7, 0.7, 0.9], events.Select(one => one.GetProperty("before").GetProperty("score").GetDouble()));
        Assert.Equal(["", "left", ""], events.Select(one => Names(one, "current_zones")));
        Assert.Equal(["", "left", "left"], events.Select(one => Names(one, "entered_zones")));
        Assert.Equal("fall_floor", events[0].GetProperty("after").GetProperty("label").GetString());
        Assert.Equal(JsonValueKind.Null, events[1].GetProperty("after").GetProperty("end_time").ValueKind);
        Assert.Equal(JsonValueKind.Number, events[2].GetProperty("after").GetProperty("end_time").ValueKind);

        static string Names(JsonElement one, string field) =>
            string.Join(',', one.GetProperty("after").GetProperty(field).EnumerateArray().Select(name => name.GetString()));
    }

    [Theory]
    [InlineData("null", "null", "null", false, false)]
    [InlineData("null", "\"/media/front/x.jpg\"", "null", true, false)]
    [InlineData("\"p/front/action/fall/snapshot\"", "null", "\"/media/front/x.mp4\"", true, true)]
    public void What_there_is_of_an_event_is_said_there_too(string topic, string snapshot, string clip, bool hasSnapshot, bool hasClip)
    {
        var ours = $$"""
            {"type":"start","event_id":"x","snapshot_topic":{{topic}},"snapshot_url":{{snapshot}},"clip_url":{{clip}} }
            """;
        using var told = JsonDocument.Parse(new ActionStream.Publish.Mqtt.Messages.FrigateMirror("frigate").Event(
            System.Text.Encoding.UTF8.GetBytes(ours)));
        var after = told.RootElement.GetProperty("after");
        Assert.Equal((hasSnapshot, hasClip), (after.GetProperty("has_snapshot").GetBoolean(), after.GetProperty("has_clip").GetBoolean()));
    }
}
