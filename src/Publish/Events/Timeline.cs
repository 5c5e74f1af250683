namespace ActionStream.Publish.Events;

/// <summary>The pipeline's own time line, from its time stamps, and what the wall clock says at each point of it.</summary>
/// <remarks>Durations never depend on the wall clock. It is read again only when it has been set, so
/// that event times do not tremble.</remarks>
public sealed class Timeline(TimeProvider time)
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly long _origin = time.GetTimestamp();
    private DateTimeOffset _wallAtOrigin = time.GetUtcNow();

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
            }

            return _wallAtOrigin + at;
        }
    }
}
