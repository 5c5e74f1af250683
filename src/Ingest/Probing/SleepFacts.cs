namespace ActionStream.Ingest.Probing;

/// <summary>How a camera would sleep, as its gate found while it was watched.</summary>
/// <param name="Share">Of the time after its gate had learned what is quiet: slept, 0 to 1; null if that was too short to tell.</param>
/// <param name="Wakes">How often it woke, by reason.</param>
/// <param name="AwakeBecause">Why it was awake when the look ended; empty if it slept.</param>
public sealed record SleepFacts(double? Share, IReadOnlyDictionary<string, int> Wakes, IReadOnlyList<string> AwakeBecause);
