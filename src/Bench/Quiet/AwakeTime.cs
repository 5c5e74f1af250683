using ActionStream.Ingest.Packets.Gating;

namespace ActionStream.Bench.Quiet;

/// <summary>A time awake, by the places of packets.</summary>
/// <param name="WokenAt">Of the packet that woke it; zero for the first.</param>
/// <param name="SleptAt">Of the packet with which it fell asleep; null if it did not.</param>
/// <param name="Reasons">Every one that the gate gave meanwhile.</param>
internal sealed record AwakeTime(TimeSpan WokenAt, TimeSpan? SleptAt, WakeReasons Reasons);
