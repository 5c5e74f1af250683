using ActionStream.Core.Results;

namespace ActionStream.Publish.Mqtt.Messages;

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

/// <summary>One camera in the minute's summary.</summary>
/// <param name="Latency">Median, from capture of a window's last frame until something could be published about
/// it; null if there was no decision.</param>
public sealed record CameraStats(string Camera, StreamState State, double Fps, long Decisions, TimeSpan? Latency = null)
{
    /// <summary>It sleeps, and no decision is expected of it.</summary>
    public bool IsAsleep { get; init; }
}
