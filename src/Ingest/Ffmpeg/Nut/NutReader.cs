using System.Globalization;
using ActionStream.Core.Media;

namespace ActionStream.Ingest.Ffmpeg.Nut;

/// <summary>Reads the NUT that ffmpeg writes for one rgb24 stream: frames with their presentation times.</summary>
/// <remarks>
/// NUT because raw video alone carries no times, and NUT adds them without delay. Only what ffmpeg writes is
/// understood; anything else is refused, and memory is never asked for by a size that the input names.
/// </remarks>
internal sealed class NutReader(Stream stream, FrameSize size, PixelPool pool)
{
    private const ulong Main = 0x4E4D7A561F5F04AD;
    private const ulong StreamHeader = 0x4E5311405BF2F9DB;
    private const ulong SyncPoint = 0x4E4BE4ADEECA4569;
    private const ulong Index = 0x4E58DD672F23E64E;
    private const ulong Info = 0x4E49AB68B596BA78;
    private const int MaxPacket = 1 << 20;

    private static readonly byte[] FileId = [.. "nut/multimedia container"u8, 0];

    private readonly ByteSource _bytes = new(stream);
    private NutMainHeader? _header;
    private (uint Num, uint Den) _timeBase;
    private int _msbShift = -1;
    private long _lastTime;

    /// <summary>The next frame, or null at the end. A frame cut off by the end is dropped.</summary>
    /// <exception cref="NutException">The bytes are something else.</exception>
    public PixelBlock? Read(out TimeSpan presentation)
    {
        presentation = default;
        try
        {
            if (_header is null)
            {
                ReadFileId();
            }

            while (!_bytes.IsAtEnd())
            {
                var code = _bytes.ReadByte();
                if (code == 'N')
                {
                    ReadPacket();
                    continue;
                }

                return ReadFrame(code, out presentation);
            }
        }
        catch (EndOfStreamException)
        {
            WasCutOff = true;
        }

        return null;
    }

    /// <summary>True if the input ended in the middle of something.</summary>
    public bool WasCutOff { get; private set; }

    private void ReadFileId()
    {
        if (_bytes.IsAtEnd())
        {
            throw new EndOfStreamException();
        }

        foreach (var expected in FileId)
        {
            if (_bytes.ReadByte() != expected)
            {
                throw new NutException("not a NUT file");
            }
        }
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
            case Main:
                _header = NutMainHeader.Read(_bytes);
                break;
            case StreamHeader:
                ReadStreamHeader(Header);
                break;
            case SyncPoint:
                ReadSyncPoint(Header);
                break;
            case Index or Info:
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

    private NutMainHeader Header => _header ?? throw new NutException("no main header before the first packet");

    private void ReadStreamHeader(NutMainHeader header)
    {
        var (id, kind) = (_bytes.ReadInt(), _bytes.ReadInt());
        _bytes.Skip(_bytes.ReadInt(16)); // fourcc
        var timeBase = _bytes.ReadInt(header.TimeBases.Count - 1);
        var msbShift = _bytes.ReadInt(62);
        _bytes.ReadNumber(); // max_pts_distance
        _bytes.ReadNumber(); // decode_delay
        _bytes.ReadNumber(); // flags
        _bytes.Skip(_bytes.ReadInt(4096)); // codec's own
        var actual = new FrameSize(_bytes.ReadInt(1 << 20), _bytes.ReadInt(1 << 20));
        if (id != 0 || kind != 0 || actual != size)
        {
            throw new NutException($"stream {id} of class {kind} and size {actual}; expected one video stream of {size}");
        }

        (_timeBase, _msbShift) = (header.TimeBases[timeBase], msbShift);
    }

    private void ReadSyncPoint(NutMainHeader header)
    {
        var (time, timeBase) = Math.DivRem(_bytes.ReadNumber(), (ulong)header.TimeBases.Count);
        var (from, to) = (header.TimeBases[(int)timeBase], _timeBase);
        if (to.Den == 0 || time > long.MaxValue)
        {
            throw new NutException("a syncpoint before the stream header, or out of range");
        }

        // The syncpoint's time in the stream's own units, rounded down.
        _lastTime = Bounded((UInt128)time * from.Num * to.Den / ((UInt128)from.Den * to.Num));
    }

    private PixelBlock ReadFrame(byte first, out TimeSpan presentation)
    {
        if (_msbShift < 0)
        {
            throw new NutException("a frame before the stream header");
        }

        var code = Header.Codes[first];
        var flags = code.Flags;
        if (flags.HasFlag(FrameFlags.Invalid))
        {
            throw new NutException($"a frame code {first} that means nothing");
        }

        if (flags.HasFlag(FrameFlags.Coded))
        {
            flags ^= (FrameFlags)_bytes.ReadInt(0xFFFF);
        }

        var id = flags.HasFlag(FrameFlags.StreamId) ? _bytes.ReadInt() : code.Stream;
        var time = flags.HasFlag(FrameFlags.CodedTime) ? DecodeTime(_bytes.ReadNumber()) : Sum(_lastTime, code.TimeDelta);
        var bytes = code.SizeLsb + (flags.HasFlag(FrameFlags.SizeMsb) ? (long)_bytes.ReadInt() * code.SizeMul : 0L);
        if (flags.HasFlag(FrameFlags.MatchTime))
        {
            _bytes.ReadSigned();
        }

        var headerIndex = flags.HasFlag(FrameFlags.HeaderIndex) ? _bytes.ReadInt(127) : code.HeaderIndex;
        var reserved = flags.HasFlag(FrameFlags.Reserved) ? _bytes.ReadInt(256) : code.ReservedCount;
        for (var i = 0; i < reserved; i++)
        {
            _bytes.ReadNumber();
        }

        if (flags.HasFlag(FrameFlags.Checksum))
        {
            _bytes.Skip(4);
        }

        if (id != 0 || bytes != size.Bytes || flags.HasFlag(FrameFlags.SideData) || flags.HasFlag(FrameFlags.EndOfRelevance))
        {
            throw new NutException($"a frame of {bytes} bytes in stream {id}; expected {size.Bytes} in stream 0");
        }

        if (headerIndex >= Header.ElidedBytes.Length || Header.ElidedBytes[headerIndex] != 0)
        {
            throw new NutException("elided frame headers, which raw video does not have");
        }

        _lastTime = time;
        presentation = ToTime(time);
        return ReadPixels();
    }

    private PixelBlock ReadPixels()
    {
        var block = pool.Rent(size.Bytes);
        try
        {
            _bytes.ReadExactly(block.Span[..size.Bytes]);
            return block;
        }
        catch
        {
            block.Dispose();
            throw;
        }
    }

    // Times near the last one are written by their lowest bits only.
    private long DecodeTime(ulong coded)
    {
        var window = 1L << _msbShift;
        if (coded >= (ulong)window)
        {
            return Bounded((UInt128)coded - (ulong)window);
        }

        var lowest = Sum(_lastTime, -((window - 1) / 2));
        return Sum(lowest, ((long)coded - lowest) & (window - 1));
    }

    private static long Sum(long time, long delta) => Bounded((Int128)time + delta);

    private static long Bounded(Int128 time) =>
        Int128.Abs(time) < (long.MaxValue >> 8) ? (long)time : throw new NutException("a time out of range");

    private static long Bounded(UInt128 time) => time < (long.MaxValue >> 8) ? (long)time : throw new NutException("a time out of range");

    private TimeSpan ToTime(long time)
    {
        var scaled = (Int128)time * _timeBase.Num * TimeSpan.TicksPerSecond;
        var half = (Int128)(_timeBase.Den / 2);
        return TimeSpan.FromTicks(Bounded((scaled + (scaled < 0 ? -half : half)) / _timeBase.Den));
    }
}
