using ActionStream.Core.Media;
using ActionStream.Publish.Events.Zones;

namespace ActionStream.Publish.Events;

/// <summary>What the smoothed scores of one stream make of one window, before it becomes events.</summary>
/// <remarks>A value: there is one per decision.</remarks>
/// <param name="Window">Running number of the clip within its stream.</param>
/// <param name="Start">Wall clock of the window's first frame.</param>
/// <param name="End">Wall clock of its last frame.</param>
/// <param name="TopK">Highest smoothed scores first.</param>
/// <param name="Detected">Labels past their threshold; empty most of the time.</param>
/// <param name="CapturedAt">The window's end on the pipeline's time line; for ages.</param>
public readonly record struct Decision(
    string Stream,
    long Window,
    DateTimeOffset Start,
    DateTimeOffset End,
    ClipQuality Quality,
    string Device,
    IReadOnlyList<LabelScore> TopK,
    IReadOnlyList<string> Detected,
    StageLatency Latency,
    TimeSpan CapturedAt)
{
    /// <summary>The window's end in the stream's own time.</summary>
    public TimeSpan Presentation { get; init; }

    /// <summary>How much of the model's attention lies in each of the camera's zones; empty without zones.</summary>
    public IReadOnlyList<ZoneShare> Zones { get; init; } = [];

    /// <summary>By how much the wall clock was set since the decision before; null if it was not.</summary>
    public TimeSpan? Reanchored { get; init; }

    /// <summary>Not decided anew: the camera sleeps, and what was last said of it is said again at this time.</summary>
    public bool IsAsleep { get; init; }

    /// <summary>The connection that time counts from.</summary>
    public int Epoch { get; init; }

    internal DecisionTime Time => new(Stream, CapturedAt);
}

/// <summary>What is left of a decision once its message is made: enough to tell how old it was when it got there.</summary>
internal readonly record struct DecisionTime(string Stream, TimeSpan CapturedAt);

/// <summary>A label and its smoothed score, 0 to 1.</summary>
public readonly record struct LabelScore(string Label, double Score);

/// <summary>Where the time went from the last frame of a window to its message.</summary>
/// <param name="Capture">How much later the frame arrived than the stream's own clock promised.</param>
/// <param name="Window">From the frame's arrival until the clip was assembled.</param>
/// <param name="Queue">From then until a session had it.</param>
/// <param name="Infer">In the model.</param>
/// <param name="Post">From the scores until the message was made.</param>
/// <param name="Publish">The last one measured on this link: a message cannot know its own before it is sent.</param>
public readonly record struct StageLatency(
    TimeSpan Capture, TimeSpan Window, TimeSpan Queue, TimeSpan Infer, TimeSpan Post, TimeSpan Publish)
{
    public TimeSpan Total => Capture + Window + Queue + Infer + Post + Publish;
}
