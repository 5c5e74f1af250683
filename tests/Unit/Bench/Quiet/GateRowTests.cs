using ActionStream.Bench.Quiet;
using ActionStream.Ingest.Packets.Gating;

namespace ActionStream.Unit.Bench.Quiet;

/// <summary>Figures of many recordings follow from those of each.</summary>
public sealed class GateRowTests
{
    private static readonly TimeSpan Action = TimeSpan.FromSeconds(50);

    [Fact]
    public void Asleep_with_event_are_those_that_slept_until_the_action_of_an_event()
    {
        var row = GateRow.Of(
            "all",
            [
                Judged("fall@9/50.1", wasAwake: false), Judged("", wasAwake: false), Judged("fall@9/50.1", wasAwake: true),
                Judged("fall@9/50.1", wasAwake: false) with { Woke = null, SleptThrough = true },
            ]);
        Assert.Equal((4, 3, 2, 2), (row.Recordings, row.Events, row.WokenByAction, row.AsleepWithEvent));
    }

    [Fact]
    public void Equal_are_windows_first_decision_and_events()
    {
        var one = Judged("fall@9/50.1", wasAwake: false);
        Assert.True(one.IsEqual);
        Assert.False((one with { Unequal = 1 }).IsEqual);
        Assert.False((one with { GatedFirst = "8:fall" }).IsEqual);
        Assert.False((one with { GatedEvents = "" }).IsEqual);
    }

    private static JudgedRecording Judged(string events, bool wasAwake) => new(
        new(RecordingPlan.Of(1, 1), "", "somebody", Action, Action, 2 * Action), 10, 0, 0, null, null, events, events, 0, 0,
        wasAwake ? null : TimeSpan.FromSeconds(0.1), wasAwake, false, Action, Action / 2, 1, 3, WakeReasons.None, WakeReasons.None, 0);
}
