namespace ActionStream.Ingest.Packets.Pictures;

/// <summary>Bytes at the end of a packet that carry nothing: with them a coder of a constant rate fills up what a still scene leaves
/// unspent (ITU-T H.264, 7.3.2.7; H.265, 7.3.2.8).</summary>
internal static class Filler
{
    private const int Least = 4;

    /// <param name="header">The unit's first byte: 0x0C in H.264, 0x4C in H.265.</param>
    /// <param name="headerSize">Bytes of a unit's header: 1, or 2.</param>
    /// <returns>Length of the unit of filler that ends the packet, or 0.</returns>
    public static int LengthIn(ReadOnlySpan<byte> packet, byte header, int headerSize)
    {
        var end = packet.TrimEnd((byte)0); // zeros may follow a unit
        if (end is not [.., 0xFF, 0x80])
        {
            return 0;
        }

        var before = end[..(end[..^1].LastIndexOfAnyExcept((byte)0xFF) + 1)];
        var filler = end.Length - 1 - before.Length;
        return filler >= Least && before.Length > headerSize && (before[^headerSize] & 0x7F) == header
            ? packet.Length - before.Length + headerSize
            : 0;
    }
}
