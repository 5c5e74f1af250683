namespace ActionStream.Publish.Events;

/// <summary>The pipeline's own time line, from its time stamps, and what the wall clock says at each point of it.</summary>
/// <remarks>Durations never depend on the wall clock. It is read again only when it has been set, so
/// that event times do not tremble; who has said a time before can tell by <see cref="ClockSet"/>.</remarks>
public sealed class Timeline(TimeProvider time)
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Correction = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly long _origin = time.GetTimestamp();
    private DateTimeOffset _wallAtOrigin = time.GetUtcNow();
    private TimeSpan _clockSet;

    /// <summary>By how much the wall clock has been set so far, all in all, corrections of less than a second not counted.</summary>
    public TimeSpan ClockSet
    {
        get
        {
            lock (_lock)
            {
                return _clockSet;
            }
        }
    }

    public TimeSpan Now => At(time.GetTimestamp());

    public TimeSpan At(long stamp) => time.GetElapsedTime(_origin, stamp);

    /// <summary>What the clock on the wall of this place says.</summary>
    public DateTime Local(TimeSpan at) => TimeZoneInfo.ConvertTime(Wall(at), time.LocalTimeZone).DateTime;

    public DateTimeOffset Wall(TimeSpan at)
    {
        lock (_lock)
        {
            var set = time.GetUtcNow() - (_wallAtOrigin + Now);
            if (set.Duration() > Tolerance)
            {
                _wallAtOrigin += set;
                _clockSet += set.Duration() >= Correction ? set : TimeSpan.Zero;
            }

            return _wallAtOrigin + at;
        }
    }
}
