using System.Buffers.Binary;
using System.Numerics;

namespace ActionStream.Publish.Mqtt;

/// <summary>Finds the records in the bytes of a <see cref="Journal"/>, of which any part may be damaged.</summary>
/// <remarks>
/// After a damaged place it looks for the next record byte by byte. Whoever writes marks that overlap could make it compute
/// a checksum at each, so the bytes that it computes in vain are bounded: beyond, what a mark claims is passed over.
/// </remarks>
internal sealed class RecordScan(ReadOnlyMemory<byte> file)
{
    public const uint Mark = 0x314A5341; // "ASJ1", little-endian
    public const int HeadBytes = 12;
    private const int LongestRecord = 1 << 20;

    /// <summary>Places at which records could not be read.</summary>
    public int Damaged { get; private set; }

    /// <summary>Bytes of which checksums were computed.</summary>
    public long Summed { get; private set; }

    /// <param name="take">Gets every record, in order.</param>
    public void Read(Action<ReadOnlySpan<byte>> take)
    {
        var bytes = file.Span;
        Span<byte> mark = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(mark, Mark);
        var mostSummed = LongestRecord + (4L * bytes.Length);
        for (var (at, wasWhole) = (0, true); at < bytes.Length;)
        {
            var claimed = Claim(bytes[at..]);
            if (claimed is { } length && Sums(bytes[at..], length))
            {
                take(bytes.Slice(at + HeadBytes, length));
                at += HeadBytes + length;
                wasWhole = true;
                continue;
            }

            Damaged += wasWhole ? 1 : 0;
            wasWhole = false;
            at += Summed > mostSummed && claimed is { } passed ? HeadBytes + passed : 1;
            var next = at < bytes.Length ? bytes[at..].IndexOf(mark) : -1;
            at = next < 0 ? bytes.Length : at + next;
        }
    }

    public static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var sum = ~0u;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            sum = BitOperations.Crc32C(sum, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (var left in bytes)
        {
            sum = BitOperations.Crc32C(sum, left);
        }

        return ~sum;
    }

    // How long the record here says it is; null where there is none, or none that can be whole.
    private static int? Claim(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeadBytes || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Mark)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]);
        return length is >= 0 and <= LongestRecord && length <= bytes.Length - HeadBytes ? length : null;
    }

    private bool Sums(ReadOnlySpan<byte> bytes, int length)
    {
        Summed += length;
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]) == Checksum(bytes.Slice(HeadBytes, length));
    }
}
