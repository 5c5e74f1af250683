using ActionStream.Host.Cameras;
using ActionStream.Ingest.Packets.Gating;
using ActionStream.Publish.Events;

namespace ActionStream.Unit.Host.Cameras;

public sealed class EventVotesTests
{
    private readonly WakeVotes _votes = new();
    private readonly EventVotes _events;

    public EventVotesTests() => _events = new(_votes);

    [Fact]
    public void A_camera_stays_awake_until_the_last_of_its_events_has_ended()
    {
        Step(EventType.Start, "front", "1");
        Step(EventType.Start, "front", "2");
        Step(EventType.Start, "yard", "3");
        Step(EventType.End, "front", "1");
        Step(EventType.Update, "front", "2");
        Assert.Equal((WakeReasons.Event, WakeReasons.Event), (_votes.Of("front"), _votes.Of("yard")));
        Step(EventType.End, "front", "2");
        Assert.Equal((WakeReasons.None, WakeReasons.Event), (_votes.Of("front"), _votes.Of("yard")));
    }

    [Fact]
    public void Who_else_wants_it_awake_is_not_touched()
    {
        _votes.Set("front", WakeReasons.Watched, true);
        Step(EventType.Start, "front", "1");
        Step(EventType.End, "front", "1");
        Assert.Equal(WakeReasons.Watched, _votes.Of("front"));
    }

    private void Step(EventType type, string camera, string id) => _events.OnEvent(new(
        type, id, "fall", 1, 0.7, 0.9, 0.8, DateTimeOffset.UnixEpoch, null, TimeSpan.FromSeconds(1), null,
        new(camera, 1, default, default, default, "cpu", [new("fall", 0.7)], ["fall"], default, default)));
}
