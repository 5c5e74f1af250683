namespace ActionStream.Publish.Mqtt.Sending;

/// <summary>How long to wait before the next attempt to connect.</summary>
public static class RetryDelay
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);

    /// <summary>Doubles up to the ceiling; the chance takes up to half off, so that many nodes do not return in step.</summary>
    /// <param name="failures">In a row, from 1.</param>
    /// <param name="roll">0 to 1.</param>
    public static TimeSpan After(int failures, TimeSpan ceiling, double roll)
    {
        var full = First * Math.Pow(2, Math.Clamp(failures - 1, 0, 30));
        return (full < ceiling ? full : ceiling) * (1 - (roll / 2));
    }
}
