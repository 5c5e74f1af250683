using System.Buffers.Binary;

namespace ActionStream.Bench.Cameras;

/// <summary>One picture as RTP packets inside an RTSP connection, ready to be sent but for their numbers and their time.</summary>
/// <param name="Bytes">All packets, one after the other.</param>
/// <param name="Headers">Where in it each packet's RTP header begins.</param>
internal sealed record RtpFrame(byte[] Bytes, int[] Headers)
{
    /// <summary>What of a unit goes into one packet: cameras send what an Ethernet frame holds.</summary>
    private const int Most = 1400;

    private const int Header = 4 + 12;

    public static RtpFrame Of(SentPicture picture, bool isHevc)
    {
        var bytes = new List<byte>();
        var headers = new List<int>();
        for (var i = 0; i < picture.Units.Count; i++)
        {
            var unit = picture.Units[i].Span;
            var isLastUnit = i == picture.Units.Count - 1;
            if (unit.Length <= Most)
            {
                Add(bytes, headers, [], unit, isLastUnit);
                continue;
            }

            var skipped = isHevc ? 2 : 1; // the unit's own header; what it says goes into every fragment's
            for (var at = skipped; at < unit.Length; at += Most)
            {
                var part = unit[at..Math.Min(unit.Length, at + Most)];
                var isEnd = at + Most >= unit.Length;
                var marks = (byte)((at == skipped ? 0x80 : 0) | (isEnd ? 0x40 : 0) | CodedVideo.TypeOf(unit[0], isHevc));
                ReadOnlySpan<byte> before = isHevc
                    ? [(byte)((unit[0] & 0x81) | (49 << 1)), unit[1], marks]
                    : [(byte)((unit[0] & 0xE0) | 28), marks];
                Add(bytes, headers, before, part, isLastUnit && isEnd);
            }
        }

        return new([.. bytes], [.. headers]);
    }

    /// <summary>Writes the packets, numbered from <paramref name="sequence"/> on.</summary>
    /// <returns>The number after the last.</returns>
    public ushort CopyTo(Span<byte> target, ushort sequence, uint time)
    {
        Bytes.CopyTo(target);
        foreach (var header in Headers)
        {
            BinaryPrimitives.WriteUInt16BigEndian(target[(header + 2)..], sequence++);
            BinaryPrimitives.WriteUInt32BigEndian(target[(header + 4)..], time);
        }

        return sequence;
    }

    private static void Add(List<byte> bytes, List<int> headers, ReadOnlySpan<byte> before, ReadOnlySpan<byte> part, bool isLast)
    {
        Span<byte> header = stackalloc byte[Header];
        header.Clear();
        header[0] = (byte)'$'; // channel 0
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)(12 + before.Length + part.Length));
        header[4] = 2 << 6;
        header[5] = (byte)((isLast ? 0x80 : 0) | 96);
        BinaryPrimitives.WriteUInt32BigEndian(header[12..], 0x5EED);
        headers.Add(bytes.Count + 4);
        bytes.AddRange(header);
        bytes.AddRange(before);
        bytes.AddRange(part);
    }
}
