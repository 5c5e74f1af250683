using ActionStream.Ingest.Packets;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Ingest.Packets;

public sealed class PacketPaceTests
{
    private readonly FakeClock _clock = new();
    private readonly PacketPace _pace;

    public PacketPaceTests() => _pace = new(_clock);

    [Fact]
    public void A_burst_plays_a_little_faster_than_it_was_filmed()
    {
        var begin = _clock.GetTimestamp();
        for (var i = 0; i <= 100; i++)
        {
            Pass(i * 0.04);
        }

        Assert.Equal(4 / PacketPace.Speed, _clock.GetElapsedTime(begin).TotalSeconds, 1e-4);
    }

    [Fact]
    public void One_that_is_late_is_not_waited_for_and_moves_all_after_it()
    {
        Pass(0);
        _clock.Advance(TimeSpan.FromSeconds(3));

        Assert.True(_pace.WaitFor(At(0.04)) <= TimeSpan.Zero);
        Assert.Equal(0.04 / PacketPace.Speed, _pace.WaitFor(At(0.08)).TotalSeconds, 1e-6); // no rush to make up for it
    }

    [Fact]
    public void A_picture_that_is_shown_before_one_that_was_sent_is_due_with_that()
    {
        Pass(0);
        Pass(0.12);

        Assert.True(_pace.WaitFor(At(0.04)) <= TimeSpan.Zero);
        Assert.True(_pace.WaitFor(At(0.08)) <= TimeSpan.Zero);
        Assert.Equal(0.12 / PacketPace.Speed, _pace.WaitFor(At(0.24)).TotalSeconds, 1e-6);
    }

    [Theory]
    [InlineData(5.1)]
    [InlineData(3600)]
    [InlineData(-5.1)]
    [InlineData(-3600)]
    public void Another_time_is_not_waited_for_and_goes_on_from_there(double jump)
    {
        Pass(10_000);

        Assert.True(_pace.WaitFor(At(10_000 + jump)) <= TimeSpan.Zero);
        Assert.Equal(1 / PacketPace.Speed, _pace.WaitFor(At(10_001 + jump)).TotalSeconds, 1e-6);
    }

    [Fact]
    public void No_wait_is_longer_than_the_longest_distance_that_is_one_time()
    {
        var random = new Random(1);
        for (var i = 0; i < 5000; i++)
        {
            var wait = _pace.WaitFor(At(1000 + random.NextDouble() * random.Next(1, 100)));
            Assert.True(wait <= TimeSpan.FromSeconds(5), $"{wait}");
            _clock.Advance(wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
        }
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromTicks((long)Math.Round(seconds * 1e7));

    private void Pass(double at)
    {
        if (_pace.WaitFor(At(at)) is { Ticks: > 0 } wait)
        {
            _clock.Advance(wait);
        }
    }
}
