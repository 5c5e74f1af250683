using ActionStream.Ingest.Packets.Gating;

namespace ActionStream.Bench.Quiet;

/// <summary>What one recording came to, gated beside always decoded.</summary>
/// <param name="Windows">Decided on by the gated run.</param>
/// <param name="Unequal">Of these, whose bytes are not those of the always-decoded window at the same place.</param>
/// <param name="Extra">Of these, those that the always-decoded run has not: it left them out as frozen.</param>
/// <param name="AlwaysFirst">The always-decoded run's first decision of the action in which something is detected; null if none is.</param>
/// <param name="AlwaysEvents">Events that begin in the action: label, grid index of the deciding window.</param>
/// <param name="StillEvents">Events that the always-decoded run begins in the still part: false ones.</param>
/// <param name="StillEventsMissed">Of these, those that the gated run has not.</param>
/// <param name="Woke">From the first moved frame to being awake; null where nothing moved or it was awake.</param>
/// <param name="WasAwake">It had not slept when the action began.</param>
/// <param name="Still">Length of the still part that counts: after what every camera needs to learn.</param>
internal sealed record JudgedRecording(
    ComposedRecording Recording, int Windows, int Unequal, int Extra, string? AlwaysFirst, string? GatedFirst, string AlwaysEvents,
    string GatedEvents, int StillEvents, int StillEventsMissed, TimeSpan? Woke, bool WasAwake, bool SleptThrough, TimeSpan Still,
    TimeSpan Asleep, int FalseWakes, int Heartbeats, WakeReasons Kept, WakeReasons Wakes, double MostDifference)
{
    public bool IsEqual => Unequal == 0 && AlwaysFirst == GatedFirst && AlwaysEvents == GatedEvents;

    /// <summary>It was asleep when somebody began to move.</summary>
    public bool SleptUntilAction => !WasAwake && Recording.Moved is not null;
}
