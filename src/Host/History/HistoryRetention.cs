namespace ActionStream.Host.History;

/// <summary>Forgets what is too old, and the least missed of what is too much: scores before near misses, these before events, and
/// what a person has judged last.</summary>
internal sealed class HistoryRetention(TimeSpan keep, long bytes)
{
    /// <summary>Rows at a time: a decision's scores must not wait for a month's deletion.</summary>
    private const int AtOnce = 500;

    private const int MostTimes = 200;

    private static readonly string[] LeastMissedFirst =
    [
        "DELETE FROM scores WHERE seq IN (SELECT seq FROM scores ORDER BY seq LIMIT $some)",
        "DELETE FROM events WHERE seq IN (SELECT seq FROM events WHERE near_miss = 1 AND verdict IS NULL ORDER BY start LIMIT $some)",
        "DELETE FROM events WHERE seq IN (SELECT seq FROM events WHERE near_miss = 0 AND verdict IS NULL AND \"end\" IS NOT NULL "
            + "ORDER BY start LIMIT $some)",
        "DELETE FROM events WHERE seq IN (SELECT seq FROM events WHERE near_miss = 0 AND \"end\" IS NOT NULL ORDER BY start LIMIT $some)",
    ];

    private static readonly string[] OlderThan =
    [
        "DELETE FROM scores WHERE \"end\" < $before AND seq IN (SELECT seq FROM scores ORDER BY seq LIMIT $some)",
        "DELETE FROM events WHERE seq IN (SELECT seq FROM events WHERE near_miss = 1 AND start < $before ORDER BY start LIMIT $some)",
        "DELETE FROM events WHERE seq IN (SELECT seq FROM events WHERE near_miss = 0 AND start < $before AND \"end\" IS NOT NULL "
            + "ORDER BY start LIMIT $some)",
    ];

    /// <returns>How much was forgotten for its age, and how much for its size.</returns>
    public (long Old, long Much) Apply(HistoryStore store, DateTimeOffset now)
    {
        var (old, much, times) = (0L, 0L, 0);
        var before = (now - keep).ToUnixTimeMilliseconds();
        foreach (var kind in OlderThan)
        {
            int removed;
            do
            {
                removed = store.Execute(kind, ("$before", before), ("$some", AtOnce));
                old += removed;
            }
            while (removed > 0 && ++times < MostTimes);
        }

        foreach (var kind in LeastMissedFirst)
        {
            while (store.Used > bytes && times++ < MostTimes && store.Execute(kind, ("$some", AtOnce / 5)) is > 0 and var removed)
            {
                much += removed;
            }
        }

        if (old + much > 0)
        {
            store.Execute("PRAGMA incremental_vacuum(4096)"); // 16 MB of the file at a time
        }

        return (old, much);
    }
}
