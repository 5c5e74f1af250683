using System.Buffers.Binary;

namespace ActionStream.Ingest.Packets.Pictures;

/// <summary>Motion JPEG: every picture stands for itself, so all there is to see is that it is one, from its first byte to its
/// last.</summary>
public sealed class MjpegPictures : IPictureReader
{
    private const byte StartOfImage = 0xD8;
    private const byte EndOfImage = 0xD9;
    private const byte StartOfScan = 0xDA;
    private const int MostPadding = 64; // what HTTP cameras leave between two pictures

    private static ReadOnlySpan<byte> Last => [0xFF, EndOfImage];

    public bool TryRead(ReadOnlySpan<byte> packet, out Picture picture)
    {
        picture = new(PictureType.Intra, null, IsCleanStart: true);
        return packet.Length > 4
            && packet[0] == 0xFF && packet[1] == StartOfImage
            && ReachesScan(packet[2..])
            && packet[Math.Max(0, packet.Length - MostPadding)..].LastIndexOf(Last) >= 0;
    }

    /// <summary>Goes from segment to segment: a frame header has to come, and then its scan.</summary>
    private static bool ReachesScan(ReadOnlySpan<byte> rest)
    {
        var hasFrame = false;
        while (rest.Length >= 4 && rest[0] == 0xFF)
        {
            if (rest[1] == 0xFF)
            {
                rest = rest[1..]; // filling
                continue;
            }

            if (rest[1] == StartOfScan)
            {
                return hasFrame;
            }

            // C0 to CF but for tables and extensions; below it, and D0 to D9, nothing with a length may stand here.
            var marker = rest[1];
            if (marker is < 0xC0 or (>= 0xD0 and <= 0xD9))
            {
                return false;
            }

            hasFrame |= marker is <= 0xCF and not (0xC4 or 0xC8 or 0xCC);
            var length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            if (length < 2 || length + 2 > rest.Length)
            {
                return false;
            }

            rest = rest[(2 + length)..];
        }

        return false;
    }
}
