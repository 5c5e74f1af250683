using ActionStream.Ingest.Packets;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Ingest.Packets;

public sealed class PacketClockTests
{
    private readonly FakeClock _clock = new();

    [Fact]
    public void A_streams_own_times_are_its_times()
    {
        var dates = new PacketClock(isInvented: false, _clock);

        Assert.Equal(TimeSpan.FromDays(3), dates.Date(TimeSpan.FromDays(3), 5));
        Assert.Equal(TimeSpan.FromTicks(1), dates.Date(TimeSpan.FromTicks(1), 4));
    }

    [Fact]
    public void Times_that_are_a_count_give_way_to_arrival_from_the_first_packet_on()
    {
        var dates = new PacketClock(isInvented: true, _clock);
        Assert.Equal(TimeSpan.Zero, dates.Date(TimeSpan.FromHours(1), _clock.GetTimestamp()));
        _clock.Advance(TimeSpan.FromMilliseconds(130));

        Assert.Equal(TimeSpan.FromMilliseconds(130), dates.Date(TimeSpan.FromHours(1), _clock.GetTimestamp()));
    }

    [Fact]
    public void Two_that_were_read_together_were_sent_one_after_the_other()
    {
        var dates = new PacketClock(isInvented: true, _clock);
        var at = _clock.GetTimestamp();

        Assert.Equal([0, 1, 2], Enumerable.Range(0, 3).Select(_ => dates.Date(TimeSpan.Zero, at).Ticks));
        Assert.Equal(10, dates.Date(TimeSpan.Zero, at + 10).Ticks);
    }
}
