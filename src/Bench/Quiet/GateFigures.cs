using ActionStream.Ingest.Packets.Gating;

namespace ActionStream.Bench.Quiet;

/// <summary>What recordings of one kind came to.</summary>
/// <param name="Equal">Whose first decision and events are those of always decoding, and every window's bytes.</param>
/// <param name="Asleep">Share of the still parts.</param>
/// <param name="FalseWakesPerH">Per hour of still parts.</param>
/// <param name="NeverAsleep">Recordings in which the camera did not sleep at all before the action.</param>
/// <param name="WokenByAction">Recordings in which it was asleep when something moved.</param>
/// <param name="AsleepWithEvent">Recordings in which it was asleep then, and an event followed.</param>
/// <param name="WakeP50S">Seconds from then to being awake.</param>
internal sealed record GateRow(
    string Kind, int Recordings, int Equal, int Events, double Asleep, double FalseWakesPerH, int NeverAsleep, int WokenByAction,
    int AsleepWithEvent, double? WakeP50S, double? WakeMaxS)
{
    public static GateRow Of(string kind, IReadOnlyList<JudgedRecording> judged)
    {
        var waking = Waking(judged);
        var still = TimeSpan.FromTicks(judged.Sum(one => one.Still.Ticks));
        return new(
            kind, judged.Count, judged.Count(one => one.IsEqual), judged.Count(one => one.AlwaysEvents.Length > 0),
            Math.Round(TimeSpan.FromTicks(judged.Sum(one => one.Asleep.Ticks)) / still, 3),
            Math.Round(judged.Sum(one => one.FalseWakes) / still.TotalHours, 1),
            judged.Count(one => one.Asleep == TimeSpan.Zero), waking.Length,
            judged.Count(one => one.SleptUntilAction && one.AlwaysEvents.Length > 0), At(waking, 0.5), At(waking, 1));
    }

    /// <summary>Seconds of all that were asleep, least first.</summary>
    public static double[] Waking(IEnumerable<JudgedRecording> judged) =>
        [.. judged.Where(one => one.Woke is not null).Select(one => one.Woke!.Value.TotalSeconds).Order()];

    public static double? At(double[] sorted, double share) =>
        sorted.Length == 0 ? null : Math.Round(sorted[Math.Min(sorted.Length - 1, (int)Math.Ceiling(share * sorted.Length) - 1)], 3);
}

/// <summary>A recording on which the gated run decided otherwise.</summary>
internal sealed record GateDifference(
    string Recording, string Scene, string Coding, string Actor, int Unequal, string? AlwaysFirst, string? GatedFirst, string AlwaysEvents,
    string GatedEvents, WakeReasons Reasons);
