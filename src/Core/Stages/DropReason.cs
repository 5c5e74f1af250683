namespace ActionStream.Core.Stages;

/// <summary>Why something was shed: a closed set, because it is a metric label.</summary>
public enum DropReason
{
    /// <summary>The next stage was slower and the queue was full.</summary>
    QueueFull,

    /// <summary>It was older than its deadline before a session was free.</summary>
    Deadline,

    /// <summary>The camera sent several at once, more than may wait: its doing, not too much work.</summary>
    Burst,

    /// <summary>Too much is asked of the machine, and this camera's windows are shed first.</summary>
    LoadShed,

    /// <summary>Two frames fell into one slot of the time grid.</summary>
    Duplicate,

    /// <summary>A frame arrived incomplete, or a window has too many that were decoded with errors.</summary>
    Corrupt,

    /// <summary>The stream had a gap in the window, or left too many of its slots empty.</summary>
    Gap,

    /// <summary>The frame has not changed for longer than a living camera's would.</summary>
    Frozen,

    /// <summary>Nothing can be seen.</summary>
    Dark,

    /// <summary>The whole frame changed at once within the window.</summary>
    SceneChange,

    /// <summary>Several small faults of the window's frames together.</summary>
    LowQuality,

    /// <summary>The model's answer was not a number, or of the wrong shape.</summary>
    InvalidOutput,

    /// <summary>The model's runs fail for good, and no other is there yet.</summary>
    NoModel,

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
            DropReason.Burst => "burst",
            DropReason.LoadShed => "load_shed",
            DropReason.Duplicate => "duplicate",
            DropReason.Corrupt => "corrupt",
            DropReason.Gap => "gap",
            DropReason.Frozen => "frozen",
            DropReason.Dark => "dark",
            DropReason.SceneChange => "scene_change",
            DropReason.LowQuality => "low_quality",
            DropReason.InvalidOutput => "invalid_output",
            DropReason.NoModel => "no_model",
            _ => "stopped",
        };
    }
}
