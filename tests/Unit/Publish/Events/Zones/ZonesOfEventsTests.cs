using ActionStream.Core.Media;
using ActionStream.Core.Modelling;
using ActionStream.Core.Results;
using ActionStream.Publish.Events;
using ActionStream.Publish.Events.Zones;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Publish.Events.Zones;

/// <summary>From where the model looked to the zones of an event, and to events that need one. The
/// picture has a left and a right half.</summary>
public sealed class ZonesOfEventsTests
{
    private static readonly ModelCard Card = new() { Name = "toy", Labels = ["walk", "fall"] };

    private static readonly EventOptions Quick = new() { Smoothing = default, MinDuration = default, MergeGap = default };

    private static readonly IReadOnlyList<Zone> Halves =
    [
        new("left", new() { Points = [[0, 0], [0.5, 0], [0.5, 1], [0, 1]] }, FrameArea.Whole, 1, 2),
        new("right", new() { Points = [[0.5, 0], [1, 0], [1, 1], [0.5, 1]] }, FrameArea.Whole, 1, 2),
    ];

    private readonly FakeClock _clock = new();
    private readonly List<ActionEvent> _events = [];
    private StreamEvents? _stream;
    private long _window;

    [Fact]
    public void A_decision_says_how_much_of_the_attention_each_zone_has()
    {
        Begin(Quick);
        Assert.Equal(
            [("left", 0.75, true), ("right", 0.25, false)], Decide(0, 0, 0.75f).Zones.Select(zone => (zone.Zone, zone.Share, zone.IsIn)));
        // everywhere is nowhere
        Assert.Equal([(0.5, false), (0.5, false)], Decide(0, 0, 0.5f).Zones.Select(zone => (zone.Share, zone.IsIn)));
    }

    [Fact]
    public void Shares_are_smoothed_like_the_scores_beside_them()
    {
        Begin(Quick with { Smoothing = TimeSpan.FromSeconds(1) });
        Decide(0.2f, 0.5f, 1);
        var second = Decide(0.2f, 1, 0);
        var weight = 1 - Math.Exp(-1);
        Assert.Equal(1 - weight, second.Zones[0].Share, 6);
        Assert.Equal(0.5 + (0.5 * weight), second.TopK[0].Score, 6);
    }

    [Fact]
    public void An_event_lists_the_zones_it_has_been_in_in_their_order_and_the_next_one_begins_anew()
    {
        Begin(Quick with { UpdateEvery = default });
        Decide(0, 0, 1); // nothing is detected: nobody is in a zone
        Decide(0, 0.7f, 0.5f);
        Decide(0, 0.8f, 0); // right
        Decide(0, 0.9f, 1); // left
        Decide(0, 0.1f, 0.5f);
        Decide(0, 0.9f, 1);
        Assert.Equal(
            ["Start ", "Update right", "Update right,left", "End right,left", "Start left"],
            _events.Select(step => $"{step.Type} {string.Join(',', step.Zones)}"));
    }

    [Fact]
    public void An_event_that_a_long_pause_ended_takes_no_zone_of_the_one_that_begins_with_the_same_score()
    {
        Begin(Quick with { MergeGap = TimeSpan.FromSeconds(1.5) });
        Decide(0, 0.9f, 1);
        Decide(0, 0.1f, 1);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Decide(0, 0.9f, 0);
        Assert.Equal(["Start left", "End left", "Start right"], _events.Select(step => $"{step.Type} {string.Join(',', step.Zones)}"));
    }

    [Fact]
    public void An_end_that_no_decision_brought_still_knows_its_zones()
    {
        Begin(Quick);
        Decide(0, 0.9f, 1);
        _stream!.Finish(EndReason.Stopped, _events);
        Assert.Equal(["left", "left"], _events.Select(step => step.Zones.Single()));
    }

    [Fact]
    public void A_class_that_is_limited_to_a_zone_starts_no_event_elsewhere_and_ends_it_there()
    {
        Begin(Quick with { Classes = new Dictionary<string, ClassOptions> { ["fall"] = new() { Zones = ["left"] } } });
        Assert.Empty(Decide(0, 0.9f, 0).Detected);
        Assert.Empty(Decide(0, 0.9f, 0.5f).Detected);
        Assert.Equal(["fall"], Decide(0, 0.9f, 1).Detected);
        var last = Decide(0, 0.9f, 0);
        Assert.Equal([(EventType.Start, null), (EventType.End, EndReason.Score)], _events.Select(step => (step.Type, step.Reason)));
        Assert.Equal(("fall", 0.9), (last.TopK[0].Label, Math.Round(last.TopK[0].Score, 6))); // what the model says is still told

        Decide(0.9f, 0, 0); // the other class counts anywhere
        Assert.Equal(("walk", EventType.Start), (_events[^1].Label, _events[^1].Type));
    }

    [Fact]
    public void Without_a_word_of_where_the_model_looked_a_limited_class_does_not_count_and_others_do()
    {
        Begin(Quick with { Classes = new Dictionary<string, ClassOptions> { ["fall"] = new() { Zones = ["left"] } } });
        Assert.Empty(Decide(0, 0.9f, null).Zones);
        Assert.Empty(_events);
        Decide(0.9f, 0, null);
        Assert.Empty(Assert.Single(_events).Zones);
    }

    [Fact]
    public void A_camera_without_zones_takes_no_notice_of_attention()
    {
        Begin(Quick, []);
        Assert.Empty(Decide(0, 0.9f, 1).Zones);
        Assert.Empty(Assert.Single(_events).Zones);
    }

    private void Begin(EventOptions options, IReadOnlyList<Zone>? zones = null) =>
        _stream = new("front", Card, options, new Timeline(_clock), "boot", zones: zones ?? Halves);

    /// <param name="left">Share of the attention in the left half; null where nothing is known.</param>
    private Decision Decide(float walk, float fall, float? left)
    {
        _clock.Advance(TimeSpan.FromSeconds(1));
        var now = _clock.GetTimestamp();
        var end = TimeSpan.FromSeconds(++_window);
        var answer = new ClipScores(
            "front", _window, new(0, 0, 0, end, end, default, now, now), new(16, 0, default), [walk, fall], "cpu", now, now)
        {
            Attention = left is { } share ? [share, 1 - share] : null,
        };
        return _stream!.Update(answer, now, default, _events)!.Value;
    }
}
