using ActionStream.Ingest.Ffmpeg;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Ingest.Ffmpeg;

public sealed class StandingTimeTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromMicroseconds(11);

    private readonly FakeClock _clock = new();

    [Theory]
    [InlineData(25, 16, false)] // a camera that is set back by 0.64 s
    [InlineData(25, 25, false)]
    [InlineData(25, 40, true)]
    [InlineData(6, 12, false)] // two seconds, and few frames
    [InlineData(6, 17, true)]
    [InlineData(1000, 100, false)]
    public void Times_that_no_longer_grow_stand_after_many_frames_that_took_a_while_to_come(int rate, int alike, bool stands)
    {
        var standing = new StandingTime(_clock);
        for (var frame = 0; frame < 10 * rate; frame++)
        {
            Assert.False(Stands(standing, rate, TimeSpan.FromSeconds(frame / (double)rate)));
        }

        var has = Enumerable.Range(0, alike).Any(tick => Stands(standing, rate, TimeSpan.FromSeconds(10) + (tick * Tick)));
        Assert.Equal(stands, has);
        if (!stands)
        {
            Assert.False(Stands(standing, rate, TimeSpan.FromSeconds(11)));
            Assert.False(Stands(standing, rate, TimeSpan.FromSeconds(11)));
        }
    }

    private bool Stands(StandingTime standing, int rate, TimeSpan presentation)
    {
        _clock.Advance(TimeSpan.FromSeconds(1.0 / rate));
        return standing.Stands(presentation, _clock.GetTimestamp());
    }
}
