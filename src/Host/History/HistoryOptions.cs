using ActionStream.Core.Configuration;

namespace ActionStream.Host.History;

/// <summary>What is remembered of events and scores, and for how long. Off unless a file is named: it tells who did what when.</summary>
public sealed record HistoryOptions
{
    /// <summary>The file, such as /var/lib/actionstream/history.db; empty remembers nothing.</summary>
    public string Path { get; init; } = "";

    /// <summary>Age at which events and scores are forgotten.</summary>
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Most bytes of the file; beyond it the oldest scores go first, then near misses, then events.</summary>
    public long Bytes { get; init; } = 2_000_000_000;

    public bool IsOn => Path.Length > 0;

    /// <summary>True if a restart of the machine may take the file.</summary>
    public bool IsFleeting
    {
        get
        {
            var folder = System.IO.Path.GetFullPath(System.IO.Path.GetTempPath()).TrimEnd('/') + "/";
            return IsOn && System.IO.Path.GetFullPath(Path).StartsWith(folder, StringComparison.Ordinal);
        }
    }

    public void Check(ConfigCheck check)
    {
        check.Expect(
            !Path.EndsWith('/') && !Directory.Exists(Path), Path, "a file, such as /var/lib/actionstream/history.db", nameof(Path));
        check.Expect(Keep >= TimeSpan.FromHours(1) && Keep <= TimeSpan.FromDays(3650), Keep, "1h to 3650d");
        check.Expect(Bytes is >= 1_000_000 and <= 1_000_000_000_000_000, Bytes, "1000000 or more");
    }
}
