using ActionStream.Core.Media;
using ActionStream.Core.Modelling;
using ActionStream.Core.Results;
using ActionStream.Publish.Events;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Publish.Events;

public sealed class NearMissTests
{
    private static readonly ModelCard Card = new() { Name = "toy", Labels = ["fall"], Output = new() };

    private static readonly EventRules Rules = new(0.6, 0.4, Ms(500), Ms(1000), TimeSpan.Zero, Ms(1000));

    private static TimeSpan Ms(double ms) => TimeSpan.FromMilliseconds(ms);

    private static List<NearMissRun> Run(EventRules rules, params (double At, double Score)[] scores)
    {
        var (events, near) = (new EventTracker(rules), new NearMissTracker(rules.MergeGap));
        List<NearMissRun> found = [];
        foreach (var ((at, score), window) in scores.Select((score, i) => (score, i)))
        {
            events.Update(score, Ms(at), []);
            found.AddRange(near.Update(score, Ms(at), window, events) is { } run ? [run] : []);
        }

        found.AddRange(near.Finish() is { } last ? [last] : []);
        return found;
    }

    [Fact]
    public void A_score_just_below_the_threshold_is_a_near_miss_with_its_peak() =>
        Assert.Equal(
            new NearMissRun(Ms(200), Ms(600), 0.58, Ms(400), 2, 0.6),
            Assert.Single(Run(Rules, (0, 0.1), (200, 0.52), (400, 0.58), (600, 0.5), (800, 0.1), (2000, 0.1))));

    [Fact]
    public void A_flash_past_the_threshold_that_was_too_short_is_a_near_miss() =>
        Assert.Equal(0.95, Assert.Single(Run(Rules, (0, 0.1), (200, 0.95), (400, 0.2), (5000, 0.1))).Top);

    [Theory]
    [InlineData(0.49)]
    [InlineData(0.1)]
    public void A_score_further_away_is_none(double score) => Assert.Empty(Run(Rules, (0, score), (500, score), (5000, 0.1)));

    [Fact]
    public void What_became_an_event_is_none_nor_is_the_way_up_to_it_and_down_from_it() => Assert.Empty(Run(
        Rules, (0, 0.55), (200, 0.58), (400, 0.7), (1000, 0.8), (1200, 0.55), (1400, 0.3), (1600, 0.52), (9000, 0.1)));

    [Fact]
    public void Without_a_merge_gap_a_stretch_goes_on_for_as_long_as_the_score_stays_close()
    {
        var rules = Rules with { MergeGap = TimeSpan.Zero };
        Assert.Empty(Run(rules, (0, 0.55), (200, 0.7), (400, 0.7), (600, 0.7), (800, 0.7), (1000, 0.1), (1200, 0.1)));
        Assert.Equal(Ms(400), Assert.Single(Run(rules, (0, 0.55), (200, 0.55), (400, 0.55), (600, 0.1), (800, 0.1))).Last);
    }

    [Fact]
    public void Scores_in_the_rest_after_an_event_are_none() => Assert.Empty(Run(
        Rules with { Cooldown = Ms(60_000) }, (0, 0.7), (600, 0.7), (1200, 0.1), (9000, 0.1), (10_000, 0.9), (11_000, 0.9), (20_000, 0.1)));

    [Fact]
    public void A_wavering_score_is_one_near_miss_and_a_later_one_another() => Assert.Equal(
        2, Run(Rules, (0, 0.55), (400, 0.4), (800, 0.55), (1200, 0.4), (9000, 0.55), (9400, 0.1), (20_000, 0.1)).Count);

    [Fact]
    public void Low_thresholds_are_not_near_to_nothing() =>
        Assert.Empty(Run(Rules with { Enter = 0.08, Leave = 0.05 }, (0, 0.03), (500, 0.039), (9000, 0)));

    [Fact]
    public void A_stream_tells_each_near_miss_once_also_of_a_camera_that_is_lost()
    {
        var clock = new FakeClock();
        var stream = new StreamEvents("front", Card, new() { Smoothing = TimeSpan.Zero, MinDuration = Ms(500) }, new Timeline(clock), "boot");
        for (var i = 0; i < 3; i++)
        {
            clock.Advance(Ms(100));
            var at = clock.GetTimestamp();
            var time = new ClipTime(0, 0, 0, Ms(i * 100), Ms(2000 + (i * 100)), TimeSpan.Zero, at, at);
            Assert.NotNull(stream.Update(new("front", i, time, new(16, 1, Ms(80)), [0.55f], "cpu", at, at), at, TimeSpan.Zero, []));
            Assert.Empty(stream.TakeNearMisses());
        }

        stream.Lost([]);
        var miss = Assert.Single(stream.TakeNearMisses());
        Assert.Equal(("front", "fall", 0.6, 0L), (miss.Stream, miss.Label, miss.Enter, miss.PeakWindow));
        Assert.Equal(0.55, miss.TopScore, 6);
        Assert.StartsWith("front-20260101T000000.100Z-", miss.Id, StringComparison.Ordinal);
        Assert.Empty(stream.TakeNearMisses());
    }

    [Fact]
    public void An_event_tells_when_its_score_was_highest_and_in_which_window()
    {
        var tracker = new EventTracker(Rules);
        List<EventChange> changes = [];
        foreach (var (window, at, score) in ((long, double, double)[])
            [(0, 0, 0.7), (1, 500, 0.95), (2, 700, 0.8), (3, 900, 0.1), (4, 1100, 0.7), (5, 1300, 0.1), (6, 9000, 0.99)])
        {
            tracker.Window = window;
            tracker.Update(score, Ms(at), changes);
        }

        var end = Assert.Single(changes, change => change.Type is EventType.End);
        Assert.Equal((Ms(500), 1L), (end.TopAt, end.TopWindow));
    }
}
