using ActionStream.Core.Retrying;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Core.Retrying;

public sealed class BoundedLogTests
{
    [Fact]
    public void So_many_a_minute_are_let_through_and_the_next_says_how_many_were_not()
    {
        var clock = new FakeClock();
        var log = new BoundedLog(clock, aMinute: 2);
        Assert.Equal([true, true, false, false, false], Enumerable.Range(0, 5).Select(_ => log.IsDue(out var _)));
        clock.Advance(TimeSpan.FromSeconds(59));
        Assert.False(log.IsDue(out _));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((true, 4), (log.IsDue(out var others), others));
        Assert.Equal((true, 0), (log.IsDue(out others), others));
    }
}
