using System.Buffers.Binary;

namespace ActionStream.Ingest.Packets.Pictures;

/// <summary>H.265: type and quantiser of a picture stand in the header of its first slice, whose layout the parameter sets
/// tell.</summary>
/// <remarks>Not read: profiles beyond the range extensions (screen content, scalable, stereo). Layers above the base are passed over,
/// as decoders do.</remarks>
public sealed class H265Pictures : IPictureReader
{
    private readonly int _lengthSize;
    private readonly H265Sequence?[] _sequences = new H265Sequence?[16];
    private readonly H265PictureSet[] _pictures = new H265PictureSet[64];

    private H265Pictures(int lengthSize) => _lengthSize = lengthSize;

    /// <param name="extraData">Parameter sets with start codes, those of an mp4 (hvcC), or nothing.</param>
    /// <returns>Null if it is something else.</returns>
    public static H265Pictures? Of(ReadOnlySpan<byte> extraData)
    {
        if (extraData is [1, ..])
        {
            return OfLengths(extraData);
        }

        var reader = new H265Pictures(lengthSize: 0);
        var units = new NalUnits(extraData, lengthSize: 0);
        while (units.MoveNext())
        {
            reader.TakeParameters(units.Current);
        }

        return extraData.IsEmpty || !units.HasFailed ? reader : null;
    }

    public bool TryRead(ReadOnlySpan<byte> packet, out Picture picture)
    {
        picture = default;
        var hasPicture = false;
        var isLooking = true;
        var units = new NalUnits(packet, _lengthSize);
        while (isLooking && units.MoveNext())
        {
            var unit = units.Current;
            if (unit.Length < 2 || (unit[0] & 0x80) != 0 || (unit[1] & 7) == 0)
            {
                return false;
            }

            var type = unit[0] >> 1;
            if ((unit[0] & 1) != 0 || unit[1] >> 3 != 0)
            {
                continue; // a layer above the base
            }

            if (type is >= 32)
            {
                TakeParameters(unit);
                continue;
            }

            var bits = new BitReader(unit[2..], isEscaped: true);
            if (!hasPicture)
            {
                if (type is (> 9 and < 16) or > 21 || !H265Slice.TryRead(ref bits, type, _pictures, _sequences, out var slice))
                {
                    return false;
                }

                hasPicture = true;
                picture = new(slice.Type, slice.Quantiser, IsCleanStart: type >= 16);
                isLooking = slice.Type == PictureType.Intra && type < 16;
            }
            else if (!H265Slice.TryReadType(ref bits, type, _pictures, _sequences, out var isIntra))
            {
                return false;
            }
            else if (!isIntra)
            {
                picture = picture with { Type = PictureType.Predicted };
                isLooking = false;
            }
        }

        picture = picture with { Filler = Filler.LengthIn(packet, 0x4C, headerSize: 2) };
        return hasPicture && units.ReachEnd();
    }

    private static H265Pictures? OfLengths(ReadOnlySpan<byte> box)
    {
        if (box.Length < 23 || (box[21] & 3) == 2)
        {
            return null;
        }

        var reader = new H265Pictures((box[21] & 3) + 1);
        var rest = box[23..];
        for (int kinds = box[22]; kinds > 0; kinds--)
        {
            if (rest.Length < 3)
            {
                return null;
            }

            int count = BinaryPrimitives.ReadUInt16BigEndian(rest[1..]);
            rest = rest[3..];
            for (; count > 0; count--)
            {
                var length = rest.Length < 2 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(rest);
                if (length < 2 || length + 2 > rest.Length)
                {
                    return null;
                }

                reader.TakeParameters(rest.Slice(2, length));
                rest = rest[(2 + length)..];
            }
        }

        return reader;
    }

    /// <summary>A set replaces the one of the same number; one that cannot be read takes its place as unknown, and if even its number
    /// cannot be read, all might be other than they were.</summary>
    private void TakeParameters(ReadOnlySpan<byte> unit)
    {
        if (unit.Length < 2 || (unit[0] & 1) != 0 || unit[1] >> 3 != 0)
        {
            return;
        }

        var bits = new BitReader(unit[2..], isEscaped: true);
        switch (unit[0] >> 1)
        {
            case 33:
                if (H265Sequence.ReadId(ref bits, out var layers) is { } sequence)
                {
                    (_sequences[sequence] ??= new()).Read(ref bits, layers);
                }
                else
                {
                    Array.Clear(_sequences);
                }

                break;
            case 34:
                if (H265PictureSet.ReadId(ref bits) is { } id)
                {
                    _pictures[id] = H265PictureSet.Read(ref bits);
                }
                else
                {
                    Array.Clear(_pictures);
                }

                break;
            default:
                break; // messages, delimiters, the set of the whole video
        }
    }
}
