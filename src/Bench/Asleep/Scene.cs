namespace ActionStream.Bench.Asleep;

/// <summary>How much of the time something moves before a simulated camera.</summary>
internal enum Scene
{
    /// <summary>Never: a still room and a sensor's noise.</summary>
    Still,

    /// <summary>A tenth of the time, in two bursts.</summary>
    Mixed,

    /// <summary>Always.</summary>
    Busy,
}
