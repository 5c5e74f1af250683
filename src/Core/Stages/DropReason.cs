namespace ActionStream.Core.Stages;

/// <summary>Why something was shed: a closed set, because it is a metric label.</summary>
public enum DropReason
{
    /// <summary>The next stage was slower and the queue was full.</summary>
    QueueFull,

    /// <summary>It was older than its deadline before a session was free.</summary>
    Deadline,

    /// <summary>Too much is asked of the machine, and this camera's turn to give way.</summary>
    LoadShed,

    /// <summary>Two frames fell into one slot of the time grid.</summary>
    Duplicate,

    /// <summary>A picture arrived incomplete.</summary>
    Corrupt,

    /// <summary>The stream had a gap in the window.</summary>
    Gap,

    /// <summary>The model's answer was not a number, or of the wrong shape.</summary>
    InvalidOutput,

    /// <summary>The pipeline stopped before it was taken.</summary>
    Stopped,
}

/// <summary>The words that metrics and logs use for a <see cref="DropReason"/>.</summary>
public static class DropReasonLabels
{
    extension(DropReason reason)
    {
        public string Label => reason switch
        {
            DropReason.QueueFull => "queue_full",
            DropReason.Deadline => "deadline",
            DropReason.LoadShed => "load_shed",
            DropReason.Duplicate => "duplicate",
            DropReason.Corrupt => "corrupt",
            DropReason.Gap => "gap",
            DropReason.InvalidOutput => "invalid_output",
            _ => "stopped",
        };
    }
}
