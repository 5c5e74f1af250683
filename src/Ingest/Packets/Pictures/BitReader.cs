using System.Numerics;

namespace ActionStream.Ingest.Packets.Pictures;

/// <summary>Reads a header bit by bit. What runs past the end or out of its range makes it fail, once and for all: from then on it
/// reads zeros, so that a parser asks once, at its end, whether all was well.</summary>
/// <param name="isEscaped">H.264 and H.265 put a 3 behind two zeros, so that no start code comes about; it is passed over here, and
/// what would be a start code is the end.</param>
internal ref struct BitReader(ReadOnlySpan<byte> bytes, bool isEscaped)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private ulong _ahead; // the next bits, from the highest
    private int _count; // how many of them there are
    private int _next;
    private int _zeros;

    public bool HasFailed { get; private set; }

    /// <summary>Bits that a number below <paramref name="count"/> takes.</summary>
    public static int BitsFor(int count) => count <= 1 ? 0 : 32 - BitOperations.LeadingZeroCount((uint)count - 1);

    public void Fail()
    {
        HasFailed = true;
        (_ahead, _count, _next) = (0, 0, _bytes.Length);
    }

    /// <param name="count">0 to 32.</param>
    public uint Bits(int count)
    {
        if (count == 0 || !Has(count))
        {
            return 0;
        }

        var value = (uint)(_ahead >> (64 - count));
        _ahead <<= count;
        _count -= count;
        return value;
    }

    public bool Flag() => Bits(1) != 0;

    /// <summary>A bit that is always 1, so that no start code comes about.</summary>
    public void Marker()
    {
        if (!Flag())
        {
            Fail();
        }
    }

    public void Skip(int count)
    {
        for (; count > 32; count -= 32)
        {
            Bits(32);
        }

        Bits(count);
    }

    /// <summary>Exp-Golomb, from 0.</summary>
    public int Unsigned(int most)
    {
        var code = Code();
        if (code > most)
        {
            Fail();
            return 0;
        }

        return (int)code;
    }

    /// <summary>Exp-Golomb: 0, 1, -1, 2, -2 …</summary>
    public int Signed(int least, int most)
    {
        long code = Code();
        var value = (code & 1) == 1 ? (code + 1) / 2 : -code / 2;
        if (value < least || value > most)
        {
            Fail();
            return 0;
        }

        return (int)value;
    }

    private uint Code()
    {
        Has(64);
        var zeros = BitOperations.LeadingZeroCount(_ahead);
        if (zeros >= _count || zeros > 31)
        {
            Fail();
            return 0;
        }

        _ahead <<= zeros;
        _count -= zeros;
        var value = Bits(zeros + 1);
        return HasFailed ? 0 : value - 1;
    }

    /// <summary>Fetches what there is room for. True if so many bits are there; without them it fails, unless more than fit were
    /// asked for.</summary>
    private bool Has(int count)
    {
        if (count <= _count)
        {
            return true;
        }

        while (_count <= 56 && _next < _bytes.Length)
        {
            var value = _bytes[_next++];
            if (isEscaped && _zeros >= 2 && value <= 3)
            {
                if (value < 3)
                {
                    _next = _bytes.Length;
                    break;
                }

                _zeros = 0;
                continue;
            }

            _zeros = value == 0 ? _zeros + 1 : 0;
            _ahead |= (ulong)value << (56 - _count);
            _count += 8;
        }

        if (count <= _count || count > 32)
        {
            return true;
        }

        Fail();
        return false;
    }
}
