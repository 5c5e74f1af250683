using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Ffmpeg.Nut;

namespace ActionStream.Unit.Ingest.Ffmpeg;

public sealed class StandingTimeTests
{
    [Fact]
    public void Times_that_no_longer_grow_are_the_end_of_a_connection_and_a_few_alike_are_not()
    {
        var standing = new StandingTime();
        for (var round = 0; round < 3; round++)
        {
            for (var tick = 0; tick < 16; tick++)
            {
                standing.Check(TimeSpan.FromSeconds(round) + TimeSpan.FromMicroseconds(11 * tick));
            }
        }

        var broken = Assert.Throws<NutException>(() =>
        {
            for (var tick = 16; tick < 40; tick++)
            {
                standing.Check(TimeSpan.FromSeconds(2) + TimeSpan.FromMicroseconds(11 * tick));
            }
        });
        Assert.Equal("the times of 16 frames in a row do not grow", broken.Message);
    }
}
