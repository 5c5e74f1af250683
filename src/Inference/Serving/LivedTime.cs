namespace ActionStream.Inference.Serving;

/// <summary>Time as this process has lived it: while all of it stood still (a signal, a frozen container, a debugger) the clock went
/// on, and nothing else could.</summary>
/// <param name="every">How often it is looked at; a longer pause counts for twice that.</param>
internal sealed class LivedTime(TimeSpan every, TimeProvider time)
{
    private long _lookedAt = time.GetTimestamp();

    /// <summary>Lived since the last look.</summary>
    public TimeSpan Look()
    {
        var now = time.GetTimestamp();
        var elapsed = time.GetElapsedTime(_lookedAt, now);
        _lookedAt = now;
        return elapsed < 2 * every ? elapsed : 2 * every;
    }
}
