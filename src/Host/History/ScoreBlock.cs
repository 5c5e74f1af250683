using System.IO.Compression;

namespace ActionStream.Host.History;

/// <summary>The scores of one camera over some minutes, a byte a label and decision, packed: most stay near zero for hours.</summary>
/// <remarks>
/// Format 1: the number 1, then deflated: counts of decisions and labels, milliseconds from each decision to the next, marks, and the
/// scores label by label. What does not end where it should is damaged and told so, never read as something else.
/// </remarks>
/// <param name="At">Wall clock of each window's end, in milliseconds of Unix time.</param>
/// <param name="Begins">True where smoothing begins anew: another connection, or a gap before it.</param>
/// <param name="Values">[labels, decisions], 0 to 255 for 0 to 1, label by label.</param>
internal sealed record ScoreBlock(long[] At, bool[] Begins, byte[] Values)
{
    private const byte Format = 1;
    private const int Most = 1 << 20;

    public int Labels => At.Length == 0 ? 0 : Values.Length / At.Length;

    public static byte ToByte(float score) => float.IsNaN(score) ? (byte)0 : (byte)Math.Round(Math.Clamp(score, 0, 1) * byte.MaxValue);

    public static double ToScore(byte value) => value / (double)byte.MaxValue;

    /// <summary>The scores of one label, decision by decision.</summary>
    public ReadOnlySpan<byte> Of(int label) => Values.AsSpan(label * At.Length, At.Length);

    public byte[] Encode()
    {
        using var packed = new MemoryStream();
        packed.WriteByte(Format);
        using (var deflating = new DeflateStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        using (var writing = new BinaryWriter(deflating))
        {
            writing.Write7BitEncodedInt(At.Length);
            writing.Write7BitEncodedInt(Labels);
            for (var i = 0; i < At.Length; i++)
            {
                var step = i == 0 ? 0 : At[i] - At[i - 1];
                writing.Write7BitEncodedInt64((step << 1) ^ (step >> 63)); // the clock may be set back
            }

            foreach (var begins in Begins)
            {
                writing.Write(begins);
            }

            writing.Write(Values);
        }

        return packed.ToArray();
    }

    /// <param name="start">When its first decision was.</param>
    /// <exception cref="InvalidDataException">It is damaged, or of a format that is not known here.</exception>
    public static ScoreBlock Decode(byte[] data, long start)
    {
        if (data.Length == 0 || data[0] != Format)
        {
            throw new InvalidDataException($"a block of scores of format {(data.Length == 0 ? "none" : data[0])}; expected {Format}");
        }

        try
        {
            using var reading = new BinaryReader(
                new DeflateStream(new MemoryStream(data, 1, data.Length - 1), CompressionMode.Decompress));
            var (count, labels) = (reading.Read7BitEncodedInt(), reading.Read7BitEncodedInt());
            if (count is < 0 or > Most || labels is < 0 or > Most || (long)count * labels > 64L * Most)
            {
                throw new InvalidDataException($"a block of {count} decisions of {labels} labels");
            }

            var at = new long[count];
            for (var i = 0; i < count; i++)
            {
                var step = reading.Read7BitEncodedInt64();
                at[i] = (i == 0 ? start : at[i - 1]) + ((long)((ulong)step >> 1) ^ -(step & 1));
            }

            var begins = new bool[count];
            for (var i = 0; i < count; i++)
            {
                begins[i] = reading.ReadBoolean();
            }

            var values = reading.ReadBytes(count * labels);
            return values.Length == count * labels
                ? new(at, begins, values)
                : throw new InvalidDataException($"a block of scores that ends after {values.Length} of {count * labels} bytes");
        }
        catch (Exception broken) when (broken is EndOfStreamException or FormatException)
        {
            throw new InvalidDataException("a block of scores that is cut off", broken);
        }
    }
}
