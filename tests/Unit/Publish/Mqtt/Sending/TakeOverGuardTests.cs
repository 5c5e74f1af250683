using ActionStream.Publish.Mqtt;
using ActionStream.Publish.Mqtt.Client;
using ActionStream.Publish.Mqtt.Sending;

namespace ActionStream.Unit.Publish.Mqtt.Sending;

public sealed class TakeOverGuardTests
{
    [Fact]
    public void Three_short_connections_in_a_row_mean_that_another_uses_our_id()
    {
        var guard = new TakeOverGuard();
        Assert.Equal(
            [false, false, true, false], Enumerable.Range(0, 4).Select(_ => guard.IsTakenOver(TimeSpan.FromSeconds(2), MqttFault.Lost)));
    }

    [Fact]
    public void A_connection_that_lasted_clears_the_suspicion()
    {
        var guard = new TakeOverGuard();
        var stood = new[] { 2, 2, 60, 2, 2 };
        Assert.DoesNotContain(true, stood.Select(s => guard.IsTakenOver(TimeSpan.FromSeconds(s), MqttFault.Lost)));
    }
}
