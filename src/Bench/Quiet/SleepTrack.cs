using ActionStream.Ingest.Packets.Gating;

namespace ActionStream.Bench.Quiet;

/// <summary>When a camera was awake, from what its gate said of each packet.</summary>
internal sealed class SleepTrack
{
    private readonly List<AwakeTime> _awake = [];

    /// <summary>In order; the first from the start.</summary>
    public IReadOnlyList<AwakeTime> Awake => _awake;

    /// <summary>Key pictures that were decoded while asleep.</summary>
    public int Heartbeats { get; private set; }

    /// <summary>Packets so far.</summary>
    public int Packets { get; private set; }

    /// <param name="at">Place of the packet.</param>
    public void Note(in GateStep step, TimeSpan at)
    {
        Packets++;
        Heartbeats += step.IsHeartbeat ? 1 : 0;
        if (_awake is [.., { SleptAt: null } open])
        {
            _awake[^1] = step.IsAwake ? open with { Reasons = open.Reasons | step.Reasons } : open with { SleptAt = at };
        }
        else if (step.IsAwake)
        {
            _awake.Add(new(_awake.Count == 0 ? TimeSpan.Zero : at, null, step.Reasons));
        }
    }

    /// <summary>Time asleep between two places.</summary>
    public TimeSpan Asleep(TimeSpan from, TimeSpan to)
    {
        var awake = TimeSpan.Zero;
        foreach (var time in _awake)
        {
            var (begin, end) = (Max(from, time.WokenAt), Min(to, time.SleptAt ?? to));
            awake += end > begin ? end - begin : TimeSpan.Zero;
        }

        return Max(TimeSpan.Zero, to - from - awake);
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
