namespace ActionStream.Ingest.Ffmpeg.Nut;

/// <summary>NUT's checksum: CRC-32 with the generator 0x04C11DB7, highest bit first, nothing inverted.</summary>
/// <remarks>Of our own, because the framework has only the reflected and inverted one. Heads only are summed, never pictures.</remarks>
internal static class NutCrc
{
    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(first => Shifted((uint)first << 24))];

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint crc = 0;
        foreach (var next in bytes)
        {
            crc = (crc << 8) ^ Table[(crc >> 24) ^ next];
        }

        return crc;
    }

    private static uint Shifted(uint crc)
    {
        for (var bit = 0; bit < 8; bit++)
        {
            crc = (crc << 1) ^ ((crc & 0x8000_0000) == 0 ? 0 : 0x04C1_1DB7U);
        }

        return crc;
    }
}
