namespace ActionStream.Bench.Quiet;

/// <summary>A recording's own time as the clock of whoever decides on it; it never goes back.</summary>
internal sealed class StreamTime : TimeProvider
{
    private TimeSpan _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now.Ticks;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + _now;

    public void Set(TimeSpan now) => _now = now > _now ? now : _now;
}
