using ActionStream.Ingest.Windowing;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Ingest.Windowing;

public sealed class StreamClockTests
{
    [Fact]
    public void A_slow_clock_shows_as_skew_and_not_as_delay()
    {
        var time = new FakeClock();
        var clock = new StreamClock(time);
        var start = time.GetTimestamp();
        var worst = TimeSpan.Zero;

        for (var second = 0; second < 3600; second++)
        {
            // 200 ppm slow: in an hour 0.72 s behind.
            var delay = clock.Delay(TimeSpan.FromSeconds(second * 0.9998), start + TimeSpan.FromSeconds(second).Ticks);
            worst = delay > worst ? delay : worst;
        }

        Assert.InRange(worst.TotalMilliseconds, 0, 50);
        Assert.InRange(clock.Skew.TotalSeconds, 0.6, 0.72);
    }

    [Theory]
    [InlineData(0.9)]
    [InlineData(1.1)]
    public void A_clock_that_runs_away_is_told_and_never_makes_frames_late_for_long(double speed)
    {
        var run = new Run();
        var early = run.Seconds(30, speed);
        var later = run.Seconds(600, speed);

        Assert.Equal(1 - speed, run.Clock.Drift, 0.01);
        Assert.InRange(early.Max().TotalSeconds, 0, 2.6); // 25 s of 10 %, until it is sure
        Assert.InRange(later.Max().TotalSeconds, 0, 0.1);
    }

    [Theory]
    [InlineData(0.99)]
    [InlineData(1.0)]
    [InlineData(1.02)]
    public void A_clock_that_is_only_bad_does_not_run_away(double speed)
    {
        var run = new Run();
        run.Seconds(300, speed);
        Assert.Equal(0, run.Clock.Drift);
    }

    [Fact]
    public void Bursts_and_held_up_frames_are_late_and_the_clock_is_right()
    {
        var run = new Run();
        for (var burst = 0; burst < 60; burst++)
        {
            var delays = run.Burst(TimeSpan.FromSeconds(burst % 7 == 6 ? 4 : 2));
            if (burst > 0)
            {
                Assert.Equal(1.875, delays[^16].TotalSeconds, 0.01); // the first of two seconds waited for the last
                Assert.Equal(0, delays[^1].TotalSeconds, 0.01);
            }
        }

        Assert.Equal(0, run.Clock.Drift);
    }

    [Fact]
    public void A_clock_that_comes_to_its_senses_is_believed_again()
    {
        var run = new Run();
        run.Seconds(60, 0.9);
        Assert.NotEqual(0, run.Clock.Drift);
        run.Seconds(60, 1);
        Assert.Equal(0, run.Clock.Drift);
        Assert.InRange(run.Seconds(10, 1).Max().TotalSeconds, 0, 0.05);
    }

    [Theory]
    [InlineData(3600)]
    [InlineData(-3600)]
    [InlineData(-95443.7)] // 33 bits of 90 kHz
    public void Time_that_jumps_is_tied_anew_and_no_frame_is_late_for_it(double seconds)
    {
        var run = new Run();
        run.Seconds(30, 1);
        run.Presentation += TimeSpan.FromSeconds(seconds);
        var after = run.Seconds(300, 1);

        Assert.Equal(0, after.Max().TotalSeconds, 0.01);
        Assert.Equal(0, run.Clock.Drift);
        Assert.Equal(0, run.Clock.Skew.TotalSeconds, 0.01);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(15)] // key frames far apart
    public void What_waking_goes_back_to_is_neither_a_jump_nor_late_nor_a_drift(int back)
    {
        var run = new Run();
        run.Seconds(60, 1);
        List<TimeSpan> delays = [];
        for (var wake = 0; wake < 20; wake++)
        {
            run.Heartbeats(30);
            run.GoBack(TimeSpan.FromSeconds(back));
            Assert.False(run.Clock.HasJumped);
            delays.AddRange(run.Seconds(back + 6, 1));
        }

        Assert.Equal(0, delays.Max().TotalSeconds, 0.01);
        Assert.Equal((0, 0), (run.Clock.Drift, Math.Round(run.Clock.Skew.TotalSeconds, 2)));
    }

    [Fact]
    public void Time_that_is_set_back_while_nothing_is_decoded_is_a_jump()
    {
        var run = new Run();
        run.Seconds(60, 1);
        run.Heartbeats(10);
        run.Presentation -= TimeSpan.FromSeconds(60);
        run.Heartbeats(1);
        Assert.True(run.Clock.HasJumped);
        run.Heartbeats(1);
        Assert.False(run.Clock.HasJumped);
    }

    /// <summary>Eight frames a second of a stream, on our clock and on its own.</summary>
    private sealed class Run
    {
        private static readonly FakeClock Time = new();
        private TimeSpan _arrival;

        public StreamClock Clock { get; } = new(Time);

        public TimeSpan Presentation { get; set; } = TimeSpan.FromHours(30);

        public List<TimeSpan> Seconds(int count, double speed)
        {
            var delays = new List<TimeSpan>();
            for (var i = 0; i < 8 * count; i++)
            {
                _arrival += TimeSpan.FromSeconds(0.125);
                Presentation += TimeSpan.FromSeconds(0.125 * speed);
                delays.Add(Clock.Delay(Presentation, _arrival.Ticks));
            }

            return delays;
        }

        /// <summary>Key frames, which are larger and take longer.</summary>
        public void Heartbeats(int count)
        {
            for (var i = 0; i < count; i++)
            {
                _arrival += TimeSpan.FromSeconds(2);
                Presentation += TimeSpan.FromSeconds(2);
                Clock.Delay(Presentation, _arrival.Ticks + TimeSpan.FromMilliseconds(40).Ticks);
            }
        }

        public void GoBack(TimeSpan by)
        {
            (_arrival, Presentation) = (_arrival - by, Presentation - by);
            Clock.Delay(Presentation, _arrival.Ticks);
        }

        public List<TimeSpan> Burst(TimeSpan length)
        {
            var delays = new List<TimeSpan>();
            _arrival += length;
            for (var i = 0; i < 8 * length.TotalSeconds; i++)
            {
                Presentation += TimeSpan.FromSeconds(0.125);
                delays.Add(Clock.Delay(Presentation, _arrival.Ticks));
            }

            return delays;
        }
    }
}
