using ActionStream.Core.Retrying;
using ActionStream.Ingest.Sources;

namespace ActionStream.Unit.Core.Retrying;

public sealed class BackoffTests
{
    private readonly Backoff _backoff = new();

    [Theory]
    [InlineData(1, 0, 0.5)]
    [InlineData(2, 1, 1)]
    [InlineData(3, 3, 2)]
    [InlineData(9, 30, 2)]
    [InlineData(40, 59, 2)]
    [InlineData(40, 61, 30)]
    [InlineData(1000, 100_000, 30)]
    public void It_is_quick_in_the_first_minute_and_patient_after_it(int attempt, double failingFor, double seconds) =>
        Assert.Equal(seconds, _backoff.Delay(attempt, TimeSpan.FromSeconds(failingFor), roll: 0).TotalSeconds, 6);

    [Fact]
    public void Cameras_that_stay_away_are_tried_every_two_minutes() =>
        Assert.Equal(
            [2, 32, 64, 120],
            new[] { (9, 59), (7, 70), (8, 100), (40, 7200) }.Select(failing =>
                ReconnectingSource.CameraBackoff.Delay(failing.Item1, TimeSpan.FromSeconds(failing.Item2), roll: 0).TotalSeconds));

    [Fact]
    public void Without_patience_delays_double_up_to_the_ceiling()
    {
        var plain = new Backoff { First = TimeSpan.FromSeconds(1), Patience = TimeSpan.Zero };
        Assert.Equal([1, 2, 4, 8, 16, 30, 30.0], Enumerable.Range(1, 7).Select(i => plain.Delay(i, TimeSpan.Zero, roll: 0).TotalSeconds));
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(0.5)]
    public void Chance_takes_no_more_than_its_share_and_no_delay_passes_the_ceiling(double spread)
    {
        var backoff = _backoff with { Spread = spread };
        var random = new Random(1);
        for (var i = 0; i < 10_000; i++)
        {
            var (attempt, failingFor) = (random.Next(1, 2000), TimeSpan.FromSeconds(random.Next(0, 1000)));
            var full = backoff.Delay(attempt, failingFor, roll: 0);
            Assert.InRange(backoff.Delay(attempt, failingFor, random.NextDouble()), full * (1 - spread), full);
            Assert.InRange(full, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(30));
        }
    }

    [Fact]
    public void A_refused_password_is_tried_again_after_a_minute_at_the_earliest()
    {
        var (least, most) = (TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(90));
        Assert.InRange(_backoff.Delay(1, TimeSpan.Zero, 0.99, isLasting: true), least, most);
        Assert.InRange(_backoff.Delay(50, TimeSpan.FromHours(1), 0, isLasting: true), least, most);
    }
}
