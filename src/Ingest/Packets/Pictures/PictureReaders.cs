namespace ActionStream.Ingest.Packets.Pictures;

/// <summary>Who looks into the packets of a stream.</summary>
public static class PictureReaders
{
    /// <returns>Null for a codec, or a way to write it, that we don't read: then the camera must stay awake.</returns>
    public static IPictureReader? For(CodedStream stream) => stream.Codec switch
    {
        VideoCodec.H264 => H264Pictures.Of(stream.ExtraData.Span),
        VideoCodec.H265 => H265Pictures.Of(stream.ExtraData.Span),
        VideoCodec.Mpeg4 => new Mpeg4Pictures(stream.ExtraData.Span),
        VideoCodec.Mjpeg => new MjpegPictures(),
        _ => null,
    };
}
