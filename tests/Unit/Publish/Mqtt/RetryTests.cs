using ActionStream.Publish.Mqtt.Client;
using ActionStream.Publish.Mqtt.Sending;

namespace ActionStream.Unit.Publish.Mqtt;

public sealed class RetryTests
{
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(30);

    [Fact]
    public void Delays_double_up_to_the_ceiling() =>
        Assert.Equal([1, 2, 4, 8, 16, 30, 30.0], Enumerable.Range(1, 7).Select(i => RetryDelay.After(i, Ceiling, 0).TotalSeconds));

    [Fact]
    public void No_delay_is_shorter_than_half_or_longer_than_the_ceiling()
    {
        var random = new Random(1);
        for (var i = 0; i < 1000; i++)
        {
            var (failures, roll) = (random.Next(1, 2000), random.NextDouble());
            Assert.InRange(RetryDelay.After(failures, Ceiling, roll), RetryDelay.After(failures, Ceiling, 0) / 2, Ceiling);
        }
    }

    [Fact]
    public void Three_short_connections_in_a_row_mean_that_another_uses_our_id()
    {
        var guard = new TakeOverGuard();
        Assert.Equal([false, false, true, false], Enumerable.Range(0, 4).Select(_ => guard.IsTakenOver(TimeSpan.FromSeconds(2), MqttFault.Lost)));
    }

    [Fact]
    public void A_connection_that_lasted_clears_the_suspicion()
    {
        var guard = new TakeOverGuard();
        var stood = new[] { 2, 2, 60, 2, 2 };
        Assert.DoesNotContain(true, stood.Select(s => guard.IsTakenOver(TimeSpan.FromSeconds(s), MqttFault.Lost)));
    }
}
