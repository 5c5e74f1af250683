using System.Buffers.Binary;
using System.Text;

namespace ActionStream.Models.Checkpoints;

/// <summary>What stands next in a msgpack file.</summary>
internal enum MsgPackKind
{
    Nothing,
    Truth,
    Whole,
    Real,
    Text,
    Bytes,
    List,
    Map,
    Extension,
}

/// <summary>The head of one msgpack value.</summary>
/// <param name="Length">Bytes of text, bytes and extensions; elements of lists; pairs of maps.</param>
/// <param name="Number">A whole number's value, an extension's type.</param>
internal readonly record struct MsgPackHead(MsgPackKind Kind, long Length, long Number);

/// <summary>Reads msgpack head by head from a file, so that who reads decides what to take and what to step over. No length is
/// believed that the file cannot hold.</summary>
internal sealed class MsgPackReader(Stream file)
{
    public long Position
    {
        get => file.Position;
        set => file.Position = value <= file.Length ? value : throw new EndOfStreamException();
    }

    public MsgPackHead Next()
    {
        var first = file.ReadByte();
        return first switch
        {
            < 0 => throw new EndOfStreamException(),
            <= 0x7f => new(MsgPackKind.Whole, 0, first),
            <= 0x8f => Sized(MsgPackKind.Map, first & 0x0f),
            <= 0x9f => Sized(MsgPackKind.List, first & 0x0f),
            <= 0xbf => Sized(MsgPackKind.Text, first & 0x1f),
            0xc0 => new(MsgPackKind.Nothing, 0, 0),
            0xc2 or 0xc3 => new(MsgPackKind.Truth, 0, first & 1),
            0xc4 or 0xc5 or 0xc6 => Sized(MsgPackKind.Bytes, Unsigned(1 << (first - 0xc4))),
            0xc7 or 0xc8 or 0xc9 => Extension(Unsigned(1 << (first - 0xc7))),
            0xca or 0xcb => Real(first == 0xca ? 4 : 8),
            >= 0xcc and <= 0xcf => new(MsgPackKind.Whole, 0, Unsigned(1 << (first - 0xcc))),
            >= 0xd0 and <= 0xd3 => new(MsgPackKind.Whole, 0, Signed(1 << (first - 0xd0))),
            >= 0xd4 and <= 0xd8 => Extension(1 << (first - 0xd4)),
            0xd9 or 0xda or 0xdb => Sized(MsgPackKind.Text, Unsigned(1 << (first - 0xd9))),
            0xdc or 0xdd => Sized(MsgPackKind.List, Unsigned(first == 0xdc ? 2 : 4)),
            0xde or 0xdf => Sized(MsgPackKind.Map, Unsigned(first == 0xde ? 2 : 4)),
            >= 0xe0 => new(MsgPackKind.Whole, 0, first - 256),
            _ => throw new FormatException($"{first:x2} begins nothing in msgpack"),
        };
    }

    /// <summary>A short text, such as a key.</summary>
    public string Text(int limit)
    {
        var head = Next();
        if (head.Kind != MsgPackKind.Text || head.Length > limit)
        {
            throw new FormatException($"expected a text of at most {limit} bytes at {Position}");
        }

        var bytes = new byte[head.Length];
        file.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    // Elements take a byte at least, pairs two: a count beyond what is left is a lie, and nothing is allocated for it.
    private MsgPackHead Sized(MsgPackKind kind, long length) =>
        length <= (file.Length - file.Position) / (kind == MsgPackKind.Map ? 2 : 1)
            ? new(kind, length, 0)
            : throw new EndOfStreamException();

    private MsgPackHead Extension(long length)
    {
        var type = (sbyte)Unsigned(1);
        return Sized(MsgPackKind.Bytes, length) with { Kind = MsgPackKind.Extension, Number = type };
    }

    private MsgPackHead Real(int bytes)
    {
        Position += bytes;
        return new(MsgPackKind.Real, 0, 0);
    }

    private long Unsigned(int bytes)
    {
        Span<byte> number = stackalloc byte[8];
        number.Clear();
        file.ReadExactly(number[(8 - bytes)..]);
        return BinaryPrimitives.ReadInt64BigEndian(number) is >= 0 and var value
            ? value
            : throw new FormatException("a number is beyond 2^63");
    }

    private long Signed(int bytes)
    {
        Span<byte> number = stackalloc byte[8];
        file.ReadExactly(number[..bytes]);
        return BinaryPrimitives.ReadInt64BigEndian(number) >> (64 - (8 * bytes));
    }
}
