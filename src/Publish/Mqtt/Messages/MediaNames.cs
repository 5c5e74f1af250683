namespace ActionStream.Publish.Mqtt.Messages;

/// <summary>What the snapshots of an event are called; null for those that are not made.</summary>
/// <param name="SnapshotTopic">Where the broker has the latest of this class.</param>
/// <param name="SnapshotUrl">Path at our own HTTP server.</param>
/// <param name="ContactSheetUrl">Likewise.</param>
/// <param name="ClipUrl">Likewise; only with an event's end.</param>
public sealed record MediaNames(string? SnapshotTopic, string? SnapshotUrl, string? ContactSheetUrl, string? ClipUrl = null);
