namespace ActionStream.Bench.Quiet;

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

/// <summary>What simulated cameras encode with.</summary>
internal enum Encoding
{
    /// <summary>x264 at a constant quality: a still scene costs few bits.</summary>
    Crf,

    /// <summary>x264 at a constant bit rate, filled up where the scene needs less: sizes of packets tell nothing.</summary>
    Cbr,

    /// <summary>x265 at a constant quality.</summary>
    Hevc,
}
