using ActionStream.Publish.Mqtt;
using ActionStream.Publish.Mqtt.Client;
using ActionStream.Publish.Mqtt.Sending;

namespace ActionStream.Unit.Publish.Mqtt.Sending;

public sealed class TakeOverGuardTests
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(2);

    [Fact]
    public void After_three_short_connections_in_a_row_it_stays_away_and_longer_each_time_up_to_a_minute()
    {
        var guard = new TakeOverGuard();
        var pauses = Enumerable.Range(0, 18).Select(_ => guard.StayAway(Short, MqttFault.Lost)).ToArray();
        Assert.Equal([5, 10, 20, 40, 60, 60], pauses.OfType<TimeSpan>().Select(pause => pause.TotalSeconds));
        Assert.Equal([2, 5, 8, 11, 14, 17], Enumerable.Range(0, 18).Where(i => pauses[i] is not null));
    }

    [Fact]
    public void Where_the_broker_says_that_another_uses_our_id_it_is_a_minute_at_once()
    {
        var guard = new TakeOverGuard();
        Assert.Equal(
            [null, null, TimeSpan.FromMinutes(1)], Enumerable.Range(0, 3).Select(_ => guard.StayAway(Short, MqttFault.TakenOver)));
    }

    [Fact]
    public void A_connection_that_lasted_clears_the_suspicion()
    {
        var guard = new TakeOverGuard();
        var stood = new[] { 2, 2, 2, 60, 2, 2, 60, 2, 2, 2 };
        Assert.Equal(
            [5, 5], stood.Select(s => guard.StayAway(TimeSpan.FromSeconds(s), MqttFault.Lost)).OfType<TimeSpan>()
                .Select(pause => pause.TotalSeconds));
    }

    [Fact]
    public void A_fault_that_was_found_clears_it_too()
    {
        var guard = new TakeOverGuard();
        guard.StayAway(Short, MqttFault.Lost);
        guard.StayAway(Short, MqttFault.Lost);
        guard.Forget();
        Assert.Null(guard.StayAway(Short, MqttFault.Lost));
    }
}
