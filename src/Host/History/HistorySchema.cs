using Microsoft.Data.Sqlite;

namespace ActionStream.Host.History;

/// <summary>The tables, by version: a file of an older version is brought up to date, one of a newer is left alone.</summary>
internal static class HistorySchema
{
    /// <summary>What leads from each version to the next, beginning with none. Never changed once released, only added to.</summary>
    private static readonly string[] Steps =
    [
        """
        CREATE TABLE models (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL, labels TEXT NOT NULL, UNIQUE (name, version, labels));
        CREATE TABLE events (
            seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, near_miss INTEGER NOT NULL, stream TEXT NOT NULL, label TEXT NOT NULL,
            start INTEGER NOT NULL, "end" INTEGER, told INTEGER NOT NULL, reason TEXT, top_score REAL NOT NULL, mean_score REAL,
            threshold REAL, peak_at INTEGER NOT NULL, peak_window INTEGER NOT NULL, latency_ms REAL, zones TEXT NOT NULL,
            model INTEGER NOT NULL REFERENCES models (id), snapshot TEXT, contact_sheet TEXT, recording TEXT,
            verdict TEXT, verdict_label TEXT, verdict_at INTEGER, verdict_by TEXT);
        CREATE INDEX events_by_time ON events (near_miss, start);
        CREATE INDEX events_by_camera ON events (near_miss, stream, start);
        CREATE INDEX events_by_label ON events (near_miss, label, start);
        CREATE INDEX events_open ON events (seq) WHERE "end" IS NULL;
        CREATE TABLE scores (
            seq INTEGER PRIMARY KEY, stream TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
            model INTEGER NOT NULL REFERENCES models (id), count INTEGER NOT NULL, data BLOB NOT NULL);
        CREATE INDEX scores_by_camera ON scores (stream, start);
        """,
    ];

    public static int Version => Steps.Length;

    public static long VersionOf(SqliteConnection file)
    {
        using var asking = file.CreateCommand();
        asking.CommandText = "PRAGMA user_version";
        return (long)asking.ExecuteScalar()!;
    }

    /// <summary>Brings a file up to date, each step whole or not at all.</summary>
    /// <exception cref="HistoryException">A newer version has written it.</exception>
    public static void Migrate(SqliteConnection file) => Migrate(file, Steps);

    /// <param name="steps">What leads from each version to the next.</param>
    internal static void Migrate(SqliteConnection file, IReadOnlyList<string> steps)
    {
        var version = VersionOf(file);
        CheckVersion(version, steps.Count);
        for (var next = (int)version; next < steps.Count; next++)
        {
            using var whole = file.BeginTransaction();
            using var step = file.CreateCommand();
            step.Transaction = whole;
            step.CommandText = FormattableString.Invariant($"{steps[next]}; PRAGMA user_version = {next + 1};");
            step.ExecuteNonQuery();
            whole.Commit();
        }
    }

    public static void CheckVersion(long version, int known)
    {
        if (version > known)
        {
            throw new HistoryException(
                $"it is of version {version}, and this ActionStream knows up to {known}: use the newer one, or name another file");
        }
    }
}
