using ActionStream.Publish.Mqtt;
using ActionStream.Publish.Mqtt.Client;
using ActionStream.Publish.Mqtt.Sending;

namespace ActionStream.Unit.Publish.Mqtt.Sending;

public sealed class TakeOverGuardTests
{
    [Fact]
    public void After_three_short_connections_in_a_row_it_is_time_to_stay_away()
    {
        var guard = new TakeOverGuard();
        Assert.Equal(
            [false, false, true, false], Enumerable.Range(0, 4).Select(_ => guard.IsTimeToStayAway(TimeSpan.FromSeconds(2), MqttFault.Lost)));
    }

    [Fact]
    public void A_connection_that_lasted_clears_the_suspicion()
    {
        var guard = new TakeOverGuard();
        var stood = new[] { 2, 2, 60, 2, 2 };
        Assert.DoesNotContain(true, stood.Select(s => guard.IsTimeToStayAway(TimeSpan.FromSeconds(s), MqttFault.Lost)));
    }

    [Fact]
    public void A_fault_that_was_found_clears_it_too()
    {
        var guard = new TakeOverGuard();
        guard.IsTimeToStayAway(TimeSpan.FromSeconds(2), MqttFault.Lost);
        guard.IsTimeToStayAway(TimeSpan.FromSeconds(2), MqttFault.Lost);
        guard.Forget();
        Assert.False(guard.IsTimeToStayAway(TimeSpan.FromSeconds(2), MqttFault.Lost));
    }
}
