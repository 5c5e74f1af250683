namespace ActionStream.Publish.Events;

/// <summary>A detection over time, at one step of its life: the content of an event message.</summary>
/// <param name="Id">The same in all messages of one event: camera, start, and four hex digits.</param>
/// <param name="Decision">The window that brought this step; for an end without one (stream lost, stopped), the last there was.</param>
public sealed record ActionEvent(
    EventType Type,
    string Id,
    string Label,
    int LabelId,
    double Score,
    double TopScore,
    double MeanScore,
    DateTimeOffset Start,
    DateTimeOffset? End,
    TimeSpan Duration,
    EndReason? Reason,
    Decision Decision)
{
    public string Stream => Decision.Stream;

    /// <summary>Zones that were looked at in a decision in which the class was detected, in the order in which they came.</summary>
    public IReadOnlyList<string> Zones { get; init; } = [];

    /// <summary>When its score was highest.</summary>
    public DateTimeOffset PeakAt { get; init; }

    /// <summary>The window that brought its highest score.</summary>
    public long PeakWindow { get; init; }

    /// <summary>By how much its times were moved since the event began, because the wall clock was set; null if it was not.</summary>
    public TimeSpan? Reanchored { get; init; }
}
