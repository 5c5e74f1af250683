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
}
