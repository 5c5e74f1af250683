using ActionStream.Core.Media;

namespace ActionStream.Ingest.Packets;

/// <summary>What a decoder must know of a stream before its first packet: the header of NUT, as the reader child writes it.</summary>
/// <param name="FourCc">The codec's four letters as NUT has them, first letter in the lowest byte: H264, HEVC, mp4v, MJPG …</param>
/// <param name="Size">Of the coded pictures.</param>
/// <param name="DecodeDelay">Pictures by which decoding order may run ahead of showing order: 0 without B pictures.</param>
/// <param name="ExtraData">Parameter sets or what the codec has instead; may be empty.</param>
/// <param name="TimeBase">Seconds per unit of time, Num/Den, as the container has them.</param>
public sealed record CodedStream(
    uint FourCc, FrameSize Size, int DecodeDelay, ReadOnlyMemory<byte> ExtraData, (uint Num, uint Den) TimeBase)
{
    /// <summary>Width and height of one pixel, as the container says; 0 by 0 where it says nothing.</summary>
    public (uint Width, uint Height) PixelAspect { get; init; }

    /// <summary>What NUT says of its colours; 0 is unknown.</summary>
    public int ColourSpace { get; init; }

    /// <summary>The codec, whatever spelling of its four letters the container chose.</summary>
    public VideoCodec Codec => VideoCodecs.Of(FourCc);
}
