namespace ActionStream.Host.History;

/// <summary>Why the history lacks something: a closed set, in the words of the metric.</summary>
internal static class HistoryDrop
{
    /// <summary>It came faster than the disk takes it.</summary>
    public const string QueueFull = "queue_full";

    /// <summary>The file could not be opened.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>Writing it failed.</summary>
    public const string Failed = "failed";

    /// <summary>The service left before it was written.</summary>
    public const string Stopped = "stopped";
}
