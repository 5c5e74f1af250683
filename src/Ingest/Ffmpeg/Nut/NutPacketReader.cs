using ActionStream.Ingest.Packets;

namespace ActionStream.Ingest.Ffmpeg.Nut;

/// <summary>Reads the NUT that ffmpeg writes when it copies one stream: its header, and coded pictures with their presentation
/// times.</summary>
/// <remarks>Not thread-safe. First <see cref="ReadHeader"/>, then in turn <see cref="TryRead"/> and <see cref="TryReadBytes"/>.</remarks>
internal sealed class NutPacketReader(Stream stream)
{
    /// <summary>More than any camera makes of one picture.</summary>
    public const int MostBytes = 64 << 20;

    /// <summary>Most packets are no longer: then one read gets all of one.</summary>
    private const int Usual = 16 * 1024;

    private readonly NutDemuxer _demuxer = new(stream, Usual);
    private NutStreamHeader? _known;
    private CodedStream? _stream;

    /// <summary>The stream's latest header, the same object until another one says something else; null before the first.</summary>
    public CodedStream? Stream
    {
        get
        {
            if (!ReferenceEquals(_known, _demuxer.Header))
            {
                _known = _demuxer.Header!;
                _stream = Same(_stream, _known) ? _stream : StreamOf(_known);
            }

            return _stream;
        }
    }

    /// <summary>True if the input ended in the middle of something.</summary>
    public bool WasCutOff { get; private set; }

    /// <summary>What a decoder must know before the first packet; null if the input ended before.</summary>
    /// <exception cref="NutException">The bytes are something else.</exception>
    public CodedStream? ReadHeader()
    {
        try
        {
            return _demuxer.TryReadHeader() ? Stream : null;
        }
        catch (EndOfStreamException)
        {
            WasCutOff = _demuxer.HasRead; // one that hung up before its first byte is not cut off within anything
            return null;
        }
    }

    /// <summary>The next packet's head; false at the end. Bytes of the packet before that nobody wanted are passed over.</summary>
    /// <exception cref="NutException">The bytes are something else.</exception>
    public bool TryRead(out NutFrameHead head)
    {
        try
        {
            return _demuxer.TryReadHead(MostBytes, out head);
        }
        catch (EndOfStreamException)
        {
            (WasCutOff, head) = (true, default);
            return false;
        }
    }

    /// <summary>The bytes of the packet whose head was read; false if the input ended before.</summary>
    /// <param name="bytes">As long as its head says.</param>
    public bool TryReadBytes(Span<byte> bytes)
    {
        try
        {
            _demuxer.ReadBody(bytes);
            return true;
        }
        catch (EndOfStreamException)
        {
            WasCutOff = true;
            return false;
        }
    }

    private static CodedStream StreamOf(NutStreamHeader header) =>
        new(header.FourCc, header.Size, header.DecodeDelay, header.ExtraData, header.TimeBase)
        {
            PixelAspect = header.PixelAspect,
            ColourSpace = header.ColourSpace,
        };

    private static bool Same(CodedStream? stream, NutStreamHeader header) =>
        stream is not null
        && (stream.FourCc, stream.Size, stream.DecodeDelay, stream.TimeBase, stream.PixelAspect, stream.ColourSpace)
            == (header.FourCc, header.Size, header.DecodeDelay, header.TimeBase, header.PixelAspect, header.ColourSpace)
        && stream.ExtraData.Span.SequenceEqual(header.ExtraData);
}
