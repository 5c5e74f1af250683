using ActionStream.Ingest.Packets;

namespace ActionStream.Ingest.Decoding;

/// <summary>Tells a decoder that what it has decoded is not what comes before the next picture: its pictures must not be taken for references.</summary>
/// <remarks>Only H.265 needs to be told. A clean start there may be a CRA picture, which continues the count of pictures before it unless an
/// end of sequence stands in front (ITU-T H.265, 7.4.2.4.4 and 8.1.3). An IDR picture of H.264 or H.265 begins a count of its own.</remarks>
internal static class SequenceEnd
{
    /// <summary>nal_unit_type 36, EOS_NUT, layer 0, temporal 0.</summary>
    private static readonly byte[] Nal = [36 << 1, 1];

    /// <summary>What to put in front of the picture; empty where nothing is needed.</summary>
    public static byte[] Of(CodedStream stream)
    {
        if (stream.Codec != VideoCodec.H265)
        {
            return [];
        }

        // hvcC begins with its version, 1; parameter sets with start codes begin with 0.
        var extra = stream.ExtraData.Span;
        if (extra.Length < 23 || extra[0] != 1)
        {
            return [0, 0, 0, 1, .. Nal];
        }

        var length = new byte[(extra[21] & 3) + 1];
        length[^1] = (byte)Nal.Length;
        return [.. length, .. Nal];
    }
}
