namespace ActionStream.Ingest.Sources;

/// <summary>What a host said when it was asked whether a camera may be there.</summary>
public enum Reachability
{
    /// <summary>It could not be asked.</summary>
    Unknown,

    Answers,

    /// <summary>It says nothing, or nobody is there to say it.</summary>
    Silent,

    Refused,

    /// <summary>No way to it, or no such name.</summary>
    Unreachable,
}
