namespace ActionStream.Core.Results;

/// <summary>Whether a camera sleeps: its stream is read, and nothing but a frame now and then is decoded, because nothing happens
/// in it.</summary>
/// <remarks>Reasons are words of a closed set (motion, event, watched …), which Ingest has.</remarks>
/// <param name="Since">When it fell asleep, or woke.</param>
/// <param name="AwakeBecause">Why it is awake, lately; empty while it is asleep.</param>
/// <param name="WokenBy">What ended its last sleep; empty before the first.</param>
public sealed record StreamSleep(
    bool IsAsleep, DateTimeOffset Since, IReadOnlyList<string> AwakeBecause, IReadOnlyList<string> WokenBy);
