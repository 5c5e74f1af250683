using ActionStream.Ingest.Packets;
using ActionStream.Ingest.Recording;

namespace ActionStream.Unit.Ingest.Recording;

/// <summary>What a camera sends to its recording buffer.</summary>
internal static class Sent
{
    public static CodedStream H264 { get; } = Stream("H264");

    public static CodedStream Stream(string fourCc) =>
        new(BitConverter.ToUInt32([.. fourCc.Select(letter => (byte)letter)]), new(320, 180), 0, default, (1, 90_000));

    /// <summary>One picture, whose maker lets go of it at once, as the packet reader may.</summary>
    public static void Picture(BufferedConnection connection, double second, int bytes, bool isKey = true)
    {
        using var packet = new Packet(bytes) { Presentation = TimeSpan.FromSeconds(second), IsKey = isKey };
        packet.Bytes.Fill((byte)second);
        connection.Add(packet);
    }

    /// <summary>A key picture each second, so that each but the last becomes a whole piece.</summary>
    public static void Pictures(BufferedConnection connection, int first, int count, int bytes)
    {
        for (var i = first; i < first + count; i++)
        {
            Picture(connection, i, bytes);
        }
    }
}
