namespace ActionStream.Publish.Events;

/// <summary>What an event message reports.</summary>
public enum EventType
{
    Start,
    Update,
    End,
}

/// <summary>Why an event ended: a closed set, in the words of the messages.</summary>
public enum EndReason
{
    /// <summary>The score fell and stayed down.</summary>
    Score,

    /// <summary>The camera's connection broke.</summary>
    StreamLost,

    /// <summary>Frames arrive, but nothing can be told from them: frozen, dark or damaged.</summary>
    VideoLost,

    /// <summary>The pipeline stopped, or the camera was taken out of it.</summary>
    Stopped,

    /// <summary>The camera was switched off.</summary>
    Disabled,

    /// <summary>The time at which this class makes events is over.</summary>
    Schedule,

    /// <summary>The service died during it; its end is told at the next start.</summary>
    Crashed,

    /// <summary>Another model took the place of the one that saw it.</summary>
    ModelChanged,

    /// <summary>The model's runs fail for good.</summary>
    ModelLost,

    /// <summary>The machine could not do all that was asked of it, and this camera was paused.</summary>
    LoadShed,
}

/// <summary>One step in the life of an event, on the pipeline's own time line.</summary>
/// <param name="Start">When the score first passed the threshold.</param>
/// <param name="Last">The latest moment known to belong to it; its end, once it has ended.</param>
/// <param name="Score">Smoothed score now.</param>
/// <param name="Top">Highest smoothed score so far.</param>
/// <param name="Mean">Mean of the smoothed scores while detected.</param>
internal readonly record struct EventChange(
    EventType Type, TimeSpan Start, TimeSpan Last, double Score, double Top, double Mean, EndReason? Reason)
{
    /// <summary>When the score was highest.</summary>
    public TimeSpan TopAt { get; init; }

    /// <summary>The window that brought it.</summary>
    public long TopWindow { get; init; }
}
