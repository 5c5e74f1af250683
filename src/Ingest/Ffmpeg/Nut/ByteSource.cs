namespace ActionStream.Ingest.Ffmpeg.Nut;

/// <summary>Reads small numbers from a buffer and large blocks straight from the stream; never more than is asked for.</summary>
/// <param name="buffer">Bytes that are read at once, where it is empty.</param>
internal sealed class ByteSource(Stream stream, int buffer = 4096)
{
    private readonly byte[] _buffer = new byte[buffer];
    private int _start;
    private int _end;

    /// <summary>Bytes taken so far.</summary>
    public long Position { get; private set; }

    /// <summary>True when nothing more will come; waits for either.</summary>
    public bool IsAtEnd() => _start == _end && !Refill();

    public byte ReadByte()
    {
        if (_start == _end && !Refill())
        {
            throw new EndOfStreamException();
        }

        Position++;
        return _buffer[_start++];
    }

    public void ReadExactly(Span<byte> block)
    {
        var buffered = Math.Min(block.Length, _end - _start);
        _buffer.AsSpan(_start, buffered).CopyTo(block);
        _start += buffered;
        Position += buffered;
        for (var rest = block[buffered..]; rest.Length > 0;)
        {
            var count = stream.Read(rest);
            if (count == 0)
            {
                throw new EndOfStreamException();
            }

            Position += count;
            rest = rest[count..];
        }
    }

    public void Skip(long count)
    {
        for (; count > 0; count--)
        {
            ReadByte();
        }
    }

    /// <summary>NUT's "v": seven bits to a byte, the highest bit says that more follow.</summary>
    public ulong ReadNumber()
    {
        for (ulong number = 0; ;)
        {
            var next = ReadByte();
            if (number > ulong.MaxValue >> 7)
            {
                throw new NutException("a number is too large");
            }

            number = (number << 7) | (next & 0x7FU);
            if (next < 0x80)
            {
                return number;
            }
        }
    }

    public int ReadInt(int most = int.MaxValue)
    {
        var number = ReadNumber();
        return number <= (ulong)most ? (int)number : throw new NutException($"{number} stands where at most {most} is possible");
    }

    /// <summary>NUT's "s": a number with its sign in the lowest bit.</summary>
    public long ReadSigned()
    {
        var number = ReadNumber();
        if (number >= long.MaxValue)
        {
            throw new NutException("a number is too large");
        }

        var folded = (long)number + 1;
        return (folded & 1) == 1 ? -(folded >> 1) : folded >> 1;
    }

    public ulong ReadUInt64()
    {
        ulong number = 0;
        for (var i = 0; i < 8; i++)
        {
            number = (number << 8) | ReadByte();
        }

        return number;
    }

    private bool Refill()
    {
        _start = 0;
        _end = stream.Read(_buffer, 0, _buffer.Length);
        return _end > 0;
    }
}
