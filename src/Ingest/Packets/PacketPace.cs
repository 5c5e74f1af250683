namespace ActionStream.Ingest.Packets;

/// <summary>When a packet is due that came with many others: as far behind the one before as it is in the stream. A burst of some seconds
/// then plays, and what is held lies with whoever sends.</summary>
/// <remarks>One that is late moves all after it: what was late once will be again, as segments are.</remarks>
public sealed class PacketPace(TimeProvider time)
{
    /// <summary>Stream time that passes in one of ours: what is held grows less until the newest segment is reached, and a clock
    /// that runs slow never falls behind.</summary>
    public const double Speed = 1.01;

    /// <summary>A longer distance between two pictures is another time, and not waited for.</summary>
    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(5);

    private TimeSpan? _last;
    private long _dueAt;

    /// <summary>How long from now; zero or less is at once.</summary>
    public TimeSpan WaitFor(TimeSpan presentation)
    {
        var now = time.GetTimestamp();
        if (_last is not { } last)
        {
            (_last, _dueAt) = (presentation, now);
            return TimeSpan.Zero;
        }

        var step = presentation - last;
        if (step is { Ticks: <= 0 } && step > -LongestHold)
        {
            return time.GetElapsedTime(now, _dueAt); // B pictures: shown before one that was sent before
        }

        _last = presentation;
        _dueAt = step < TimeSpan.Zero || step > LongestHold
            ? now
            : Math.Max(now, _dueAt + (long)(step.TotalSeconds / Speed * time.TimestampFrequency));
        return time.GetElapsedTime(now, _dueAt);
    }
}
