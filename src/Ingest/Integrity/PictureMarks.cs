namespace ActionStream.Ingest.Integrity;

/// <summary>What is wrong with one sampled picture.</summary>
[Flags]
public enum PictureMarks
{
    None = 0,

    /// <summary>It equals the one before, byte by byte.</summary>
    Duplicate = 1,

    /// <summary>It has equalled the one before for longer than <see cref="QualityOptions.FrozenAfter"/>.</summary>
    Frozen = 2,

    /// <summary>Nothing can be seen on it.</summary>
    Dark = 4,

    /// <summary>It has nothing in common with the one before.</summary>
    Cut = 8,

    /// <summary>The decoder complained at about this time.</summary>
    Damaged = 16,
}
