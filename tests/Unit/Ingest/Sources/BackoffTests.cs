using ActionStream.Ingest.Sources;

namespace ActionStream.Unit.Ingest.Sources;

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
        Assert.Equal(seconds, _backoff.Delay(attempt, TimeSpan.FromSeconds(failingFor), SourceFault.Refused, roll: 0).TotalSeconds, 6);

    [Fact]
    public void No_delay_passes_the_ceiling_or_falls_to_nothing()
    {
        var random = new Random(1);
        for (var i = 0; i < 10_000; i++)
        {
            var delay = _backoff.Delay(random.Next(1, 2000), TimeSpan.FromSeconds(random.Next(0, 1000)), null, random.NextDouble());
            Assert.InRange(delay, TimeSpan.FromSeconds(0.35 - 1e-6), TimeSpan.FromSeconds(30));
        }
    }

    [Fact]
    public void A_refused_password_is_tried_again_after_a_minute_at_the_earliest()
    {
        Assert.InRange(_backoff.Delay(1, TimeSpan.Zero, SourceFault.Unauthorized, 0.99), TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(90));
        Assert.InRange(_backoff.Delay(50, TimeSpan.FromHours(1), SourceFault.Unauthorized, 0), TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(90));
    }
}
