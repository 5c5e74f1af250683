using ActionStream.Publish.Events;

namespace ActionStream.Unit.Publish.Events;

public sealed class EventTrackerTests
{
    private static readonly EventRules Rules = new(
        Enter: 0.6, Leave: 0.4, MinDuration: Ms(500), MergeGap: Ms(2000), Cooldown: TimeSpan.Zero, UpdateEvery: Ms(1000));

    private static TimeSpan Ms(double ms) => TimeSpan.FromMilliseconds(ms);

    private static List<EventChange> Run(EventRules rules, params (double At, double Score)[] scores)
    {
        var tracker = new EventTracker(rules);
        List<EventChange> changes = [];
        foreach (var (at, score) in scores)
        {
            tracker.Update(score, Ms(at), changes);
        }

        return changes;
    }

    [Fact]
    public void A_score_that_stays_up_for_the_least_duration_starts_an_event_from_when_it_rose()
    {
        var change = Assert.Single(Run(Rules, (0, 0.1), (250, 0.7), (500, 0.8), (750, 0.9)));
        Assert.Equal((EventType.Start, Ms(250), Ms(750)), (change.Type, change.Start, change.Last));
        Assert.Equal((0.9, 0.9), (change.Score, change.Top));
        Assert.Equal(0.8, change.Mean, 9);
    }

    [Fact]
    public void A_flash_shorter_than_the_least_duration_makes_no_event() =>
        Assert.Empty(Run(Rules, (0, 0.9), (250, 0.9), (499, 0.1), (5000, 0.1)));

    [Fact]
    public void A_score_that_wavers_between_the_thresholds_stays_in_one_event() =>
        Assert.Equal(
            [EventType.Start],
            Run(Rules with { MergeGap = TimeSpan.Zero }, (0, 0.6), (600, 0.41), (700, 0.59), (800, 0.4), (900, 0.5)).Select(c => c.Type));

    [Fact]
    public void A_pause_within_the_merge_gap_is_forgiven_and_a_longer_one_ends_the_event_where_the_score_fell()
    {
        var changes = Run(
            Rules, (0, 0.7), (500, 0.7), (1000, 0.1), (3000, 0.7), (4000, 0.1), (5000, 0.1), (6500, 0.1));
        Assert.Equal([EventType.Start, EventType.End], changes.Select(change => change.Type));
        Assert.Equal((Ms(4000), EndReason.Score), (changes[1].Last, changes[1].Reason!.Value));
    }

    [Fact]
    public void A_score_that_returns_after_the_merge_gap_belongs_to_the_next_event()
    {
        var changes = Run(
            Rules with { MinDuration = TimeSpan.Zero }, (0, 0.7), (1000, 0.1), (9000, 0.8));
        Assert.Equal([EventType.Start, EventType.End, EventType.Start], changes.Select(change => change.Type));
        Assert.Equal((Ms(0), Ms(1000), Ms(9000)), (changes[1].Start, changes[1].Last, changes[2].Start));
    }

    [Fact]
    public void Cooldown_keeps_the_next_event_away()
    {
        var rules = Rules with { MinDuration = TimeSpan.Zero, MergeGap = TimeSpan.Zero, Cooldown = Ms(5000) };
        var changes = Run(rules, (0, 0.9), (100, 0.1), (200, 0.9), (5000, 0.9), (5100, 0.9));
        Assert.Equal([Ms(0), Ms(0), Ms(5100)], changes.Select(change => change.Start));
    }

    [Fact]
    public void Updates_are_rare_and_have_something_to_say()
    {
        var changes = Run(
            Rules with { MinDuration = TimeSpan.Zero }, (0, 0.7), (500, 0.95), (1000, 0.72), (1100, 0.9), (1200, 0.6), (2100, 0.7));
        Assert.Equal([(EventType.Start, 0.7), (EventType.Update, 0.9), (EventType.Update, 0.7)], changes.Select(c => (c.Type, c.Score)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Every_start_has_one_end_no_two_events_overlap_and_the_same_scores_make_the_same_events(int seed)
    {
        var first = Chance(seed);
        Assert.True(first.Count(change => change.Type is EventType.Start) > 20, "the chance made too few events to prove anything");
        Assert.Equal(first, Chance(seed));

        EventChange? open = null;
        var freeFrom = TimeSpan.MinValue;
        foreach (var change in first)
        {
            switch (change.Type)
            {
                case EventType.Start:
                    Assert.Null(open);
                    Assert.True(change.Start >= freeFrom, $"started {change.Start}, the one before ended {freeFrom}");
                    open = change;
                    break;
                case EventType.Update:
                    Assert.Equal(open!.Value.Start, change.Start);
                    break;
                default:
                    Assert.Equal(open!.Value.Start, change.Start);
                    Assert.True(change.Last >= change.Start && change.Reason is not null);
                    (open, freeFrom) = (null, change.Last);
                    break;
            }

            Assert.InRange(change.Mean, 0, change.Top);
        }

        Assert.Null(open);
    }

    private static List<EventChange> Chance(int seed)
    {
        var random = new Random(seed);
        var tracker = new EventTracker(Rules with { Cooldown = Ms(random.Next(0, 1000)) });
        List<EventChange> changes = [];
        var at = TimeSpan.Zero;
        var score = 0.5;
        for (var i = 0; i < 5000; i++)
        {
            at += Ms(random.Next(1, random.Next(50) == 0 ? 8000 : 400));
            score = Math.Clamp(score + ((random.NextDouble() - 0.5) * 0.5), 0, 1);
            tracker.Update(score, at, changes);
            if (random.Next(200) == 0)
            {
                tracker.Finish(EndReason.StreamLost, changes);
            }
        }

        tracker.Finish(EndReason.Stopped, changes);
        tracker.Finish(EndReason.Stopped, changes);
        return changes;
    }
}
