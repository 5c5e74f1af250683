using ActionStream.Core.Results;

namespace ActionStream.Publish.Mqtt;

/// <summary>The node's summary, once a minute. Counts since boot.</summary>
public sealed record NodeStats(
    DateTimeOffset Time,
    TimeSpan Uptime,
    long Decisions,
    long Events,
    int OpenEvents,
    long Published,
    long SpoolDropped,
    IReadOnlyList<CameraStats> Cameras);

public sealed record CameraStats(string Camera, StreamState State, double Fps, long Decisions);
