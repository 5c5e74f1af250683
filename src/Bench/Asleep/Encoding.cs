namespace ActionStream.Bench.Asleep;

/// <summary>What simulated cameras encode with: each hides or shows in its own way that nothing happens.</summary>
internal enum Encoding
{
    /// <summary>x264 at a constant quality: a still scene costs few bits.</summary>
    Crf,

    /// <summary>x264 at a constant bit rate, filled up where the scene needs less: sizes of packets tell nothing.</summary>
    Cbr,

    /// <summary>x265 at a constant quality.</summary>
    Hevc,
}
