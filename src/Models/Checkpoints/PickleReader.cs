using System.Buffers.Binary;
using System.Text;

namespace ActionStream.Models.Checkpoints;

/// <summary>Reads the numbers and texts of a pickle from a stream, never past its end and never more than a text may be long.</summary>
internal sealed class PickleReader(Stream stream, string path)
{
    private const int MaxText = 16 << 20;

    public byte Byte()
    {
        var value = stream.ReadByte();
        return value >= 0 ? (byte)value : throw Short();
    }

    public int UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Bytes(4));

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Bytes(8));

    public double Double() => BinaryPrimitives.ReadDoubleBigEndian(Bytes(8));

    /// <summary>So many bytes, checked against what the stream still has before memory is taken.</summary>
    public byte[] Bytes(long count)
    {
        if (count < 0 || count > MaxText || count > stream.Length - stream.Position)
        {
            throw count > MaxText ? new CheckpointException(path, $"its pickle has a text of {count} bytes") : Short();
        }

        var bytes = new byte[count];
        stream.ReadExactly(bytes);
        return bytes;
    }

    public string Text(long count) => Encoding.UTF8.GetString(Bytes(count));

    /// <summary>Up to the end of the line.</summary>
    public string Line()
    {
        var line = new StringBuilder();
        for (var letter = Byte(); letter != '\n'; letter = Byte())
        {
            line.Append(letter is >= 0x20 and < 0x7F && line.Length < 256
                ? (char)letter
                : throw new CheckpointException(path, "its pickle has a name that is no name"));
        }

        return line.ToString();
    }

    private CheckpointException Short() => new(path, "its pickle is cut short");
}
