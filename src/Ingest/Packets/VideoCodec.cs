namespace ActionStream.Ingest.Packets;

/// <summary>The codecs whose pictures are looked into without decoding them.</summary>
public enum VideoCodec
{
    /// <summary>Any other: it is decoded, and never asleep.</summary>
    Other,

    H264,
    H265,
    Mpeg4,
    Mjpeg,
}

/// <summary>Codecs by the four letters that containers give them.</summary>
public static class VideoCodecs
{
    public static VideoCodec Of(uint fourCc)
    {
        Span<char> letters = stackalloc char[4];
        for (var i = 0; i < 4; i++)
        {
            letters[i] = char.ToUpperInvariant((char)((fourCc >> (8 * i)) & 0xFF));
        }

        return letters switch
        {
            "H264" or "AVC1" or "X264" => VideoCodec.H264,
            "HEVC" or "H265" or "HVC1" or "HEV1" or "X265" => VideoCodec.H265,
            "MP4V" or "XVID" or "DIVX" or "FMP4" or "DX50" => VideoCodec.Mpeg4,
            "MJPG" or "JPEG" => VideoCodec.Mjpeg,
            _ => VideoCodec.Other,
        };
    }
}
