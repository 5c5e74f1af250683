using ActionStream.Core.Configuration;
using ActionStream.Publish.EventRecordings;

namespace ActionStream.Publish.Snapshots;

/// <summary>Which snapshots of events are made, where they go and how long they stay. Off unless a folder
/// or the broker is to have them.</summary>
public sealed record MediaOptions
{
    /// <summary>Folder for them; empty keeps none.</summary>
    public string Path { get; init; } = "";

    /// <summary>Also on the broker, retained: the latest of each camera and of each class.</summary>
    public bool Mqtt { get; init; }

    /// <summary>One snapshot of each event, at its peak.</summary>
    public bool Snapshots { get; init; } = true;

    /// <summary>The very frames that the model was given at the event's peak, on one sheet; only in the folder.</summary>
    public bool ContactSheets { get; init; } = true;

    /// <summary>Age at which a snapshot or a clip is removed.</summary>
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Most bytes of all snapshots and clips; beyond it the oldest are removed.</summary>
    public long Bytes { get; init; } = 500_000_000;

    /// <summary>Of JPEG, 1 to 100.</summary>
    public int Quality { get; init; } = JpegEncoder.Good;

    /// <summary>Recordings of events.</summary>
    [FormerName("clips")]
    public EventRecordingOptions Recordings { get; init; } = new();

    /// <summary>True if anybody is to have snapshots of events.</summary>
    public bool AreWanted => AreDrawn || (HasFolder && Recordings.Enabled);

    /// <summary>True if the model's frames are needed for them.</summary>
    public bool AreDrawn => (HasFolder && (Snapshots || ContactSheets)) || (Mqtt && Snapshots);

    public bool HasFolder => Path.Length > 0;

    /// <summary>Where the latest of every camera's stream is kept; a folder of this node alone.</summary>
    public string BufferFolder(string node) =>
        System.IO.Path.GetFullPath(
            System.IO.Path.Combine(Recordings.Buffer.Length > 0 ? Recordings.Buffer : System.IO.Path.Combine(Path, ".ring"), node));

    public void Check(ConfigCheck check)
    {
        check.Expect(Keep >= TimeSpan.FromMinutes(1) && Keep <= TimeSpan.FromDays(3650), Keep, "1m to 3650d");
        check.Expect(Bytes is >= 1_000_000 and <= 1_000_000_000_000_000, Bytes, "1000000 or more");
        check.Expect(Quality is >= 1 and <= 100, Quality, "1 to 100");
        check.Expect(!Mqtt || Snapshots, Snapshots, "true where mqtt is", nameof(Snapshots));
        Recordings.Check(check.At(nameof(Recordings)), HasFolder);
    }
}
