using System.Buffers.Binary;
using ActionStream.Ingest.Packets;

namespace ActionStream.Ingest.Ffmpeg.Nut;

/// <summary>Writes coded pictures as NUT that ffmpeg reads: headers, and frames with times in ticks of a TimeSpan.</summary>
/// <remarks>
/// Each frame bears its whole time and a checksum of its head, so that times may jump, and frames that were written apart may
/// be put end to end behind one header. There is one syncpoint, for the demuxer's start, and version 4's flag that says
/// so: ffmpeg keeps every one that it reads in memory. Allocates nothing for a frame. Not thread-safe.
/// </remarks>
internal sealed class NutWriter(Stream stream)
{
    private const byte KeyFrame = 1;
    private const byte OtherFrame = 2;
    private const int LongestHead = 32;

    private readonly byte[] _buffer = new byte[16 * 1024];

    /// <summary>Everything that comes before the first frame, once.</summary>
    /// <exception cref="IOException">The other end is gone.</exception>
    public void WriteHeader(CodedStream coded)
    {
        using var all = new MemoryStream();
        all.Write(NutStartCodes.FileId);
        WritePacket(all, NutStartCodes.Main, WriteMain);
        WritePacket(all, NutStartCodes.Stream, body => WriteStream(body, coded));
        WritePacket(all, NutStartCodes.SyncPoint, body =>
        {
            Number(body, 0); // time
            Number(body, 0); // back to the last one
        });
        stream.Write(all.GetBuffer().AsSpan(0, (int)all.Length));
    }

    /// <param name="presentation">Place in the stream, from 0 on.</param>
    /// <param name="isKey">Decoding can begin here.</param>
    /// <param name="front">What is to stand in front of the picture, as part of it.</param>
    /// <exception cref="IOException">The other end is gone.</exception>
    public void Write(TimeSpan presentation, bool isKey, ReadOnlySpan<byte> picture, ReadOnlySpan<byte> front = default)
    {
        var head = WriteHead(_buffer, presentation, isKey, front.Length + picture.Length);
        if (front.Length > 0)
        {
            stream.Write(_buffer, 0, head);
            stream.Write(front);
            head = 0;
        }

        var first = Math.Min(picture.Length, _buffer.Length - head);
        picture[..first].CopyTo(_buffer.AsSpan(head));
        stream.Write(_buffer, 0, head + first);
        if (first < picture.Length)
        {
            stream.Write(picture[first..]);
        }
    }

    private static int WriteHead(Span<byte> to, TimeSpan presentation, bool isKey, int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(presentation, TimeSpan.Zero);
        to[0] = isKey ? KeyFrame : OtherFrame;
        var at = 1;
        at += Number(to[at..], (ulong)presentation.Ticks + 1); // above 1 << msb_pts_shift: the whole time
        at += Number(to[at..], (ulong)length);
        BinaryPrimitives.WriteUInt32BigEndian(to[at..], NutCrc.Of(to[..at]));
        return at + sizeof(uint);
    }

    private static void WriteMain(MemoryStream body)
    {
        Number(body, 4); // version
        Number(body, 0); // its minor
        Number(body, 1); // streams
        Number(body, 65536); // max_distance, without meaning where there are no syncpoints
        Number(body, 1); // time bases
        Number(body, 1);
        Number(body, TimeSpan.TicksPerSecond);

        // 'N' begins no frame and is not counted.
        const FrameFlags Whole = FrameFlags.CodedTime | FrameFlags.SizeMsb | FrameFlags.Checksum;
        WriteCodes(body, FrameFlags.Invalid, KeyFrame);
        WriteCodes(body, Whole | FrameFlags.Key, OtherFrame - KeyFrame);
        WriteCodes(body, Whole, 1);
        WriteCodes(body, FrameFlags.Invalid, byte.MaxValue - OtherFrame - 1);
        Number(body, 0); // elided headers
        Number(body, 2); // no syncpoints
    }

    private static void WriteCodes(MemoryStream body, FrameFlags flags, int count)
    {
        Number(body, (ulong)flags);
        Number(body, 6); // fields that follow
        Number(body, 0); // time
        Number(body, 1); // size: multiplied by
        Number(body, 0); // stream
        Number(body, 0); // size: plus
        Number(body, 0); // reserved
        Number(body, (ulong)count);
    }

    private static void WriteStream(MemoryStream body, CodedStream coded)
    {
        Number(body, 0); // of number
        Number(body, 0); // video
        Number(body, 4);
        Span<byte> fourCc = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(fourCc, coded.FourCc);
        body.Write(fourCc);
        Number(body, 0); // time base
        Number(body, 0); // msb_pts_shift: every time is whole
        Number(body, TimeSpan.TicksPerSecond); // max_pts_distance
        Number(body, (ulong)coded.DecodeDelay);
        Number(body, 0); // flags
        Number(body, (ulong)coded.ExtraData.Length);
        body.Write(coded.ExtraData.Span);
        Number(body, (ulong)coded.Size.Width);
        Number(body, (ulong)coded.Size.Height);
        Number(body, coded.PixelAspect.Width);
        Number(body, coded.PixelAspect.Height);
        Number(body, (ulong)coded.ColourSpace);
    }

    private static void WritePacket(MemoryStream to, ulong startCode, Action<MemoryStream> write)
    {
        using var body = new MemoryStream();
        write(body);
        var bytes = body.GetBuffer().AsSpan(0, (int)body.Length);
        Span<byte> head = stackalloc byte[LongestHead];
        BinaryPrimitives.WriteUInt64BigEndian(head, startCode);
        var length = bytes.Length + sizeof(uint);
        var at = sizeof(ulong) + Number(head[sizeof(ulong)..], (ulong)length);
        to.Write(head[..at]);
        if (length > 4096)
        {
            WriteCrc(to, head[..at]);
        }

        to.Write(bytes);
        WriteCrc(to, bytes);
    }

    private static void WriteCrc(MemoryStream to, ReadOnlySpan<byte> of)
    {
        Span<byte> crc = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(crc, NutCrc.Of(of));
        to.Write(crc);
    }

    private static void Number(MemoryStream to, ulong number)
    {
        Span<byte> bytes = stackalloc byte[10];
        to.Write(bytes[..Number(bytes, number)]);
    }

    // NUT's "v": seven bits to a byte, the highest bit says that more follow.
    private static int Number(Span<byte> to, ulong number)
    {
        var count = 1;
        for (var rest = number >> 7; rest > 0; rest >>= 7)
        {
            count++;
        }

        for (var i = count - 1; i >= 0; i--, number >>= 7)
        {
            to[i] = (byte)((number & 0x7F) | (i == count - 1 ? 0U : 0x80U));
        }

        return count;
    }
}
