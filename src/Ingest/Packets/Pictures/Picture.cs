namespace ActionStream.Ingest.Packets.Pictures;

/// <summary>Of what a coded picture was predicted.</summary>
public enum PictureType
{
    /// <summary>Of nothing.</summary>
    Intra,

    /// <summary>Of earlier pictures.</summary>
    Predicted,

    /// <summary>Of pictures before and after it.</summary>
    Bidirectional,
}

/// <summary>What a picture says of itself in the clear, before anything of it is decoded.</summary>
/// <param name="Type">Of its first slice; intra only if all its slices are.</param>
/// <param name="Quantiser">QP of its first slice (H.264, H.265: 0 to 51, in steps of a sixth of an octave, and down to -6 for each bit
/// of depth beyond eight; MPEG-4: 1 to 31); null for codecs without one.</param>
/// <param name="IsCleanStart">Decoding can begin here, and every picture that is shown after it comes out as if decoding had begun
/// earlier: IDR in H.264, an IRAP picture in H.265, an intra picture of a closed group in MPEG-4, every picture in MJPEG.</param>
/// <param name="Filler">Bytes of the packet that carry nothing.</param>
public readonly record struct Picture(PictureType Type, int? Quantiser, bool IsCleanStart, int Filler = 0);
