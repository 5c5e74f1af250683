using ActionStream.Publish.Events.Zones;

namespace ActionStream.Publish.Events;

/// <summary>One class of one stream: its event as it lives, when and where it counts, and the zones the event has been in.</summary>
/// <param name="label">Its index among the model's labels.</param>
internal sealed class ClassEvents(int label, EventTracker events, EventRules rules)
{
    public int Label { get; } = label;

    public Schedule? Schedule => rules.Schedule;

    public EventTracker Events { get; } = events;

    /// <summary>What almost becomes an event.</summary>
    public NearMissTracker Near { get; } = new(rules.MergeGap);

    public DateTimeOffset Start { get; set; }

    /// <summary>What <see cref="Timeline.ClockSet"/> was when <see cref="Start"/> was last right.</summary>
    public TimeSpan ClockSet { get; set; }

    /// <summary>By how much the start was moved since it was first told; null if it was not.</summary>
    public TimeSpan? Reanchored { get; set; }

    public string Id { get; set; } = "";

    /// <summary>Zones that were looked at while the event went on, in the order in which they came.</summary>
    public IReadOnlyList<string> Entered { get; private set; } = [];

    /// <summary>True if a score counts where the model looks now.</summary>
    public bool CountsIn(IReadOnlyList<ZoneShare> zones) =>
        rules.Zones.Count == 0 || zones.Any(zone => zone.IsIn && rules.Zones.Contains(zone.Zone));

    /// <summary>Notes where the model looks, after the tracker had its score.</summary>
    /// <param name="changes">What that score changed: after an end, another event may be under way.</param>
    public void Enter(IReadOnlyList<ZoneShare> zones, IReadOnlyList<EventChange> changes)
    {
        if (!Events.IsUnderWay || (changes.Count > 0 && changes.Any(change => change.Type is EventType.End)))
        {
            Entered = [];
        }

        if (zones.Count > 0 && Events.IsUnderWay && Events.IsDetected && zones.Any(zone => zone.IsIn && !Entered.Contains(zone.Zone)))
        {
            Entered = [.. Entered, .. zones.Where(zone => zone.IsIn && !Entered.Contains(zone.Zone)).Select(zone => zone.Zone)];
        }
    }
}
