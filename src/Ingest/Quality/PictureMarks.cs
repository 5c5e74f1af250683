namespace ActionStream.Ingest.Quality;

/// <summary>What is wrong with one sampled picture.</summary>
[Flags]
public enum PictureMarks
{
    None = 0,

    /// <summary>It equals the one before, byte by byte.</summary>
    Duplicate = 1,

    /// <summary>No picture since <see cref="QualityOptions.FrozenAfter"/> ago was new.</summary>
    Frozen = 2,

    /// <summary>Nothing can be seen on it.</summary>
    Dark = 4,

    /// <summary>It has nothing in common with the one before.</summary>
    Cut = 8,

    /// <summary>The decoder complained at about this time.</summary>
    Damaged = 16,

    /// <summary>It hardly differs from the one before and equals one of those before that: a still picture through an encoder.</summary>
    Recurring = 32,
}
