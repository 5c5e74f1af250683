namespace ActionStream.Publish.Mqtt;

/// <summary>Why an event never reached the broker: a closed set, because it is a metric label.</summary>
internal enum SpoolDrop
{
    /// <summary>Too many waited.</summary>
    Count,

    /// <summary>What waited was too big.</summary>
    Bytes,

    /// <summary>It waited too long.</summary>
    Age,

    /// <summary>It could not be read back from disk.</summary>
    Corrupt,

    /// <summary>The broker does not take it: it is too large, or it cut the connection for it twice.</summary>
    SetAside,
}
