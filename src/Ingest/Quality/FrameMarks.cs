namespace ActionStream.Ingest.Quality;

/// <summary>What is wrong with one sampled frame.</summary>
[Flags]
public enum FrameMarks
{
    None = 0,

    /// <summary>It equals the one before, byte by byte.</summary>
    Duplicate = 1,

    /// <summary>No frame since <see cref="QualityOptions.FrozenAfter"/> ago was new.</summary>
    Frozen = 2,

    /// <summary>Nothing can be seen on it.</summary>
    Dark = 4,

    /// <summary>It has nothing in common with the one before.</summary>
    Cut = 8,

    /// <summary>The decoder complained at about this time.</summary>
    Damaged = 16,

    /// <summary>It hardly differs from the one before and equals one of those before that: a still frame through an encoder.</summary>
    Recurring = 32,
}
