using ActionStream.Core.Configuration;

namespace ActionStream.Publish.Mqtt;

/// <summary>What is kept of events that the broker does not have yet, and where.</summary>
public sealed record SpoolOptions
{
    /// <summary>Folder for the spool; empty keeps it in memory only, where a restart loses it.</summary>
    public string Path { get; init; } = "";

    /// <summary>Most events that wait; beyond it the oldest is dropped and counted.</summary>
    public int Messages { get; init; } = 10_000;

    /// <summary>Most bytes that wait. On disk up to three times as much for a moment.</summary>
    public long Bytes { get; init; } = 16 << 20;

    /// <summary>How old an event may become while it waits.</summary>
    public TimeSpan Age { get; init; } = TimeSpan.FromDays(1);

    public void Check(ConfigCheck check)
    {
        check.Expect(Path.Length == 0 || !File.Exists(Path), Path, "a folder, not a file");
        check.Expect(Messages is >= 1 and <= 1_000_000, Messages, "1 to 1000000 messages");
        check.Expect(Bytes is >= 64 << 10 and <= 1L << 30, Bytes, "65536 to 1073741824 (1 GiB)");
        check.Expect(Age >= TimeSpan.FromMinutes(1) && Age <= TimeSpan.FromDays(365), Age, "1m to 365d");
    }
}
