using ActionStream.Core.Results;
using ActionStream.Ingest.Packets.Gating;

namespace ActionStream.Ingest;

/// <summary>Whether one camera sleeps, as its frames show it, and why it is awake, as its gate says: the two are told on different
/// threads, and frames come later.</summary>
internal sealed class SleepState(TimeProvider time)
{
    private const int Ungated = -1;

    private int _gate = Ungated;

    /// <summary>What there is to tell; null where nobody asks whether it may sleep. Another one only where something has changed.</summary>
    public StreamSleep? Current { get; private set; }

    public bool IsAsleep => Current is { IsAsleep: true };

    /// <summary>Takes what the gate says; null before it says anything. From any thread.</summary>
    /// <returns>What it said before.</returns>
    public WakeReasons? Gate(WakeReasons? reasons) =>
        Interlocked.Exchange(ref _gate, (int?)reasons ?? Ungated) is var before && before == Ungated ? null : (WakeReasons)before;

    /// <summary>A heartbeat came. False if it slept already.</summary>
    public bool FallAsleep()
    {
        var changes = !IsAsleep;
        if (changes)
        {
            Current = new(true, time.GetUtcNow(), WakeReasons.None.Words, Current?.WokenBy ?? WakeReasons.None.Words);
        }

        return changes;
    }

    /// <summary>Another frame came. False if it was awake.</summary>
    public bool WakeUp()
    {
        var changes = IsAsleep;
        if (changes)
        {
            Current = new(false, time.GetUtcNow(), Reasons.Words, Reasons.Words);
        }

        return changes;
    }

    /// <summary>Takes over the reasons for which it is awake by now.</summary>
    public void Refresh()
    {
        if (IsAsleep || Reasons == WakeReasons.None)
        {
            return; // told by frames: there may be some under way from before it fell asleep
        }

        if (Current is null || !ReferenceEquals(Current.AwakeBecause, Reasons.Words))
        {
            Current = new(false, Current?.Since ?? time.GetUtcNow(), Reasons.Words, Current?.WokenBy ?? WakeReasons.None.Words);
        }
    }

    /// <summary>Its connection is gone, and what was said of its packets with it.</summary>
    public void Clear() => (Current, _) = (null, Gate(null));

    private WakeReasons Reasons => Volatile.Read(ref _gate) is > 0 and var reasons ? (WakeReasons)reasons : WakeReasons.None;
}
