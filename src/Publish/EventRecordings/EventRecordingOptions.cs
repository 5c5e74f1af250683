using ActionStream.Core.Configuration;

namespace ActionStream.Publish.EventRecordings;

/// <summary>Recordings of events, copied from what the camera sends. Off unless asked for: every camera's stream
/// is then written to disk all day.</summary>
public sealed record EventRecordingOptions
{
    /// <summary>Makes a recording of each event, in the folder of the snapshots.</summary>
    public bool Enabled { get; init; }

    /// <summary>How long before the event's start it begins.</summary>
    public TimeSpan PreRoll { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long after the event's end it ends.</summary>
    public TimeSpan PostRoll { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A longer one ends here, though the event goes on. As much is kept of every camera.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Folder in which the latest of every camera's stream is kept; one in memory (tmpfs) spares the
    /// disk. Empty: beside the snapshots.</summary>
    [FormerName("ring")]
    public string Buffer { get; init; } = "";

    /// <summary>Most bytes that is kept of one camera; beyond it the oldest go, and clips become shorter.</summary>
    [FormerName("ring_bytes")]
    public long BufferBytes { get; init; } = 100_000_000;

    /// <param name="hasFolder">True if there is a folder for them.</param>
    public void Check(ConfigCheck check, bool hasFolder)
    {
        check.Expect(!Enabled || hasFolder, Enabled, "false without media.path, a folder for them", nameof(Enabled));
        check.Expect(PreRoll >= TimeSpan.Zero && PreRoll <= TimeSpan.FromMinutes(1), PreRoll, "0s to 1m");
        check.Expect(PostRoll >= TimeSpan.Zero && PostRoll <= TimeSpan.FromMinutes(1), PostRoll, "0s to 1m");
        check.Expect(
            Longest > PreRoll + PostRoll && Longest <= TimeSpan.FromMinutes(10), Longest,
            "more than pre_roll and post_roll together, at most 10m");
        check.Expect(BufferBytes is >= 1_000_000 and <= 1_000_000_000_000, BufferBytes, "1000000 or more");
    }
}
