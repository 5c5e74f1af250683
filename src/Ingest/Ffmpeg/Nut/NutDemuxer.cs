using System.Globalization;

namespace ActionStream.Ingest.Ffmpeg.Nut;

/// <summary>Takes NUT with one video stream apart: headers, and frames with their heads, whatever the frames hold.</summary>
/// <remarks>
/// NUT because packets and raw video alone carry no times, and NUT adds them without delay. Only what ffmpeg writes is
/// understood; anything else is refused, and memory is never asked for by a size that the input names.
/// </remarks>
/// <param name="buffer">Bytes that are read at once, where a frame begins.</param>
internal sealed class NutDemuxer(Stream stream, int buffer = 4096)
{
    private const int MaxPacket = 1 << 20;
    private const int MostElided = 4096;

    private readonly ByteSource _bytes = new(stream, buffer);
    private NutMainHeader? _main;
    private long _lastTime;
    private bool _hasBegun;
    private byte[] _elided = [];
    private int _unread;

    /// <summary>The latest header of the stream; null before the first.</summary>
    public NutStreamHeader? Header { get; private set; }

    /// <summary>True once anything came.</summary>
    public bool HasRead => _bytes.Position > 0;

    /// <summary>Reads as far as the first header of the stream; false if the input ended before.</summary>
    /// <exception cref="EndOfStreamException">It ended in the middle of something.</exception>
    /// <exception cref="NutException">The bytes are something else.</exception>
    public bool TryReadHeader()
    {
        Begin();
        while (Header is null)
        {
            if (_bytes.IsAtEnd())
            {
                return false;
            }

            var first = _bytes.ReadByte();
            if (first != 'N')
            {
                throw new NutException("a frame before the stream header");
            }

            ReadPacket();
        }

        return true;
    }

    /// <summary>The next frame's head, whose bytes are to be read next; false at the end.</summary>
    /// <param name="most">Bytes of the largest frame that there can be.</param>
    /// <exception cref="EndOfStreamException">It ended in the middle of something.</exception>
    /// <exception cref="NutException">The bytes are something else.</exception>
    public bool TryReadHead(int most, out NutFrameHead head)
    {
        Begin();
        _bytes.Skip(_unread);
        _unread = 0;
        while (!_bytes.IsAtEnd())
        {
            var first = _bytes.ReadByte();
            if (first == 'N')
            {
                ReadPacket();
            }
            else if (TryReadFrameHead(first, most, out head))
            {
                return true;
            }
        }

        head = default;
        return false;
    }

    /// <summary>The bytes of the frame whose head was read.</summary>
    /// <param name="block">As long as the head says.</param>
    /// <exception cref="EndOfStreamException">It ended before.</exception>
    public void ReadBody(Span<byte> block)
    {
        _elided.CopyTo(block);
        _bytes.ReadExactly(block[_elided.Length..]);
        _unread = 0;
    }

    private void Begin()
    {
        if (_hasBegun)
        {
            return;
        }

        foreach (var expected in NutStartCodes.FileId)
        {
            if (_bytes.ReadByte() != expected)
            {
                throw new NutException("not a NUT file");
            }
        }

        _hasBegun = true;
    }

    private void ReadPacket()
    {
        ulong startCode = 'N';
        for (var i = 0; i < 7; i++)
        {
            startCode = (startCode << 8) | _bytes.ReadByte();
        }

        var length = _bytes.ReadInt(MaxPacket); // with the checksum at its end
        if (length > 4096)
        {
            _bytes.Skip(4); // a checksum of the length
        }

        var end = _bytes.Position + length;
        switch (startCode)
        {
            case NutStartCodes.Main:
                _main = NutMainHeader.Read(_bytes);
                break;
            case NutStartCodes.Stream:
                Header = NutStreamHeader.Read(_bytes, Main, end);
                break;
            case NutStartCodes.SyncPoint:
                ReadSyncPoint();
                break;
            case NutStartCodes.Index or NutStartCodes.Info:
                break;
            default:
                throw new NutException($"an unknown packet {startCode.ToString("x16", CultureInfo.InvariantCulture)}");
        }

        if (_bytes.Position > end)
        {
            throw new NutException("a packet is longer than it says");
        }

        _bytes.Skip(end - _bytes.Position);
    }

    private NutMainHeader Main => _main ?? throw new NutException("no main header before the first packet");

    private void ReadSyncPoint()
    {
        // A number with a sign that the specification does not know: with pictures out of order, decoding begins before time 0.
        var (time, timeBase) = NutTime.DivRem((long)_bytes.ReadNumber(), Main.TimeBases.Count);
        var to = (Header ?? throw new NutException("a syncpoint before the stream header")).TimeBase;

        // The syncpoint's time in the stream's own units, rounded down.
        var from = Main.TimeBases[(int)timeBase];
        _lastTime = NutTime.Bounded(NutTime.DivRem(time * from.Num * to.Den, (Int128)from.Den * to.Num).Quotient);
    }

    private bool TryReadFrameHead(byte first, int most, out NutFrameHead head)
    {
        var header = Header ?? throw new NutException("a frame before the stream header");
        var code = Main.Codes[first];
        var flags = code.Flags;
        if (Has(flags, FrameFlags.Invalid))
        {
            throw new NutException($"a frame code {first} that means nothing");
        }

        if (Has(flags, FrameFlags.Coded))
        {
            flags ^= (FrameFlags)_bytes.ReadInt(0xFFFF);
        }

        var id = Has(flags, FrameFlags.StreamId) ? _bytes.ReadInt() : code.Stream;
        var time = Has(flags, FrameFlags.CodedTime)
            ? DecodeTime(_bytes.ReadNumber(), header.MsbShift)
            : NutTime.Sum(_lastTime, code.TimeDelta);
        var length = code.SizeLsb + (Has(flags, FrameFlags.SizeMsb) ? (long)_bytes.ReadInt() * code.SizeMul : 0L);
        if (Has(flags, FrameFlags.MatchTime))
        {
            _bytes.ReadSigned();
        }

        var elision = Has(flags, FrameFlags.HeaderIndex) ? _bytes.ReadInt(127) : code.HeaderIndex;
        var reserved = Has(flags, FrameFlags.Reserved) ? _bytes.ReadInt(256) : code.ReservedCount;
        for (var i = 0; i < reserved; i++)
        {
            _bytes.ReadNumber();
        }

        if (Has(flags, FrameFlags.Checksum))
        {
            _bytes.Skip(4); // it came through a pipe
        }

        var isLast = Has(flags, FrameFlags.EndOfRelevance);
        if (id != 0 || length > most || (isLast && length > 0))
        {
            throw new NutException($"a frame of {length} bytes, flags {flags}, in stream {id}; expected at most {most} in stream 0");
        }

        _lastTime = time;
        _elided = Elided(elision, length);
        length -= Has(flags, FrameFlags.SideData) ? ReadSideData() : 0;
        if (length < _elided.Length)
        {
            throw new NutException("a frame is longer than it says");
        }

        _unread = (int)length - _elided.Length;
        head = new(header.ToTime(time), (int)length, Has(flags, FrameFlags.Key));
        return !isLast;
    }

    // FLV says new parameters on the way: those of the header are over.
    private long ReadSideData()
    {
        var from = _bytes.Position;
        if (NutSideData.Read(_bytes) is { } parameters)
        {
            Header = Header! with { ExtraData = parameters };
        }

        return _bytes.Position - from;
    }

    // Not HasFlag: until it is compiled for the second time, it allocates.
    private static bool Has(FrameFlags flags, FrameFlags one) => (flags & one) != 0;

    // Long frames are never shortened, whatever their code says.
    private byte[] Elided(int index, long length)
    {
        if (length > MostElided)
        {
            return [];
        }

        return index < Main.Elided.Length && Main.Elided[index] is var elided && elided.Length <= length
            ? elided
            : throw new NutException($"a frame of {length} bytes that begins with header {index}, which does not fit");
    }

    // Times near the last one are written by their lowest bits only.
    private long DecodeTime(ulong coded, int msbShift)
    {
        var window = 1L << msbShift;
        if (coded >= (ulong)window)
        {
            return NutTime.Bounded((UInt128)coded - (ulong)window);
        }

        var lowest = NutTime.Sum(_lastTime, -((window - 1) / 2));
        return NutTime.Sum(lowest, ((long)coded - lowest) & (window - 1));
    }
}
