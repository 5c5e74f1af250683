using System.Numerics;

namespace ActionStream.Unit.Ingest.Packets.Pictures;

/// <summary>Writes headers bit by bit, as H.264, H.265 and MPEG-4 have them.</summary>
internal sealed class BitWriter
{
    private readonly List<byte> _bytes = [];
    private int _free;

    public BitWriter Bits(long value, int count)
    {
        for (var i = count - 1; i >= 0; i--)
        {
            if (_free == 0)
            {
                _bytes.Add(0);
                _free = 8;
            }

            _free--;
            _bytes[^1] |= (byte)(((value >> i) & 1) << _free);
        }

        return this;
    }

    /// <summary>Bits that do not matter here.</summary>
    public BitWriter Any(Random chance, int count)
    {
        for (; count > 0; count--)
        {
            Bits(chance.Next(2), 1);
        }

        return this;
    }

    public bool Flag(bool value)
    {
        Bits(value ? 1 : 0, 1);
        return value;
    }

    public BitWriter Unsigned(long value)
    {
        var bits = BitOperations.Log2((ulong)value + 1);
        return Bits(0, bits).Bits(value + 1, bits + 1);
    }

    public BitWriter Signed(long value) => Unsigned(value > 0 ? (2 * value) - 1 : -2 * value);

    /// <summary>The end of a header or a parameter set: a 1, and 0 to the end of the byte.</summary>
    public byte[] End()
    {
        Bits(1, 1);
        return [.. _bytes];
    }

    /// <summary>Writes all of it behind what another has.</summary>
    public void CopyTo(BitWriter other)
    {
        for (var i = 0; i < _bytes.Count; i++)
        {
            var count = i == _bytes.Count - 1 ? 8 - _free : 8;
            other.Bits(_bytes[i] >> (8 - count), count);
        }
    }

    public byte[] ToArray() => [.. _bytes];

    /// <summary>A unit of H.264 or H.265 with its start code, the 3 behind two zeros put in.</summary>
    public static byte[] Unit(byte[] header, byte[] payload)
    {
        var unit = new List<byte> { 0, 0, 0, 1 };
        unit.AddRange(header);
        var zeros = 0;
        foreach (var value in payload)
        {
            if (zeros >= 2 && value <= 3)
            {
                unit.Add(3);
                zeros = 0;
            }

            unit.Add(value);
            zeros = value == 0 ? zeros + 1 : 0;
        }

        return [.. unit];
    }
}
