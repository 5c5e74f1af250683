using ActionStream.Publish.Events;

namespace ActionStream.Unit.Publish.Events;

public sealed class TimelineTests
{
    private sealed class SettableClock : TimeProvider
    {
        public TimeSpan Passed { get; set; }

        public TimeSpan Set { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Passed.Ticks;

        public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero) + Passed + Set;
    }

    [Fact]
    public void Setting_the_wall_clock_moves_what_is_printed_but_no_duration()
    {
        var clock = new SettableClock();
        var timeline = new Timeline(clock);
        var before = timeline.Wall(timeline.At(0));
        (clock.Passed, clock.Set) = (TimeSpan.FromSeconds(10), TimeSpan.FromHours(-1));

        Assert.Equal(TimeSpan.FromSeconds(10), timeline.Now);
        Assert.Equal(before - TimeSpan.FromHours(1), timeline.Wall(timeline.At(0)));
    }

    [Fact]
    public void A_slow_correction_of_the_wall_clock_does_not_make_times_tremble()
    {
        var clock = new SettableClock();
        var timeline = new Timeline(clock);
        var before = timeline.Wall(TimeSpan.Zero);
        clock.Set = TimeSpan.FromMilliseconds(99);
        Assert.Equal(before, timeline.Wall(TimeSpan.Zero));
    }
}
