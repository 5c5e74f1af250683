using System.Buffers.Binary;

namespace ActionStream.Ingest.Packets.Pictures;

/// <summary>H.264: type and quantiser of a picture stand in the header of its first slice, whose layout the parameter sets
/// tell.</summary>
/// <remarks>Not read: fields as pictures of their own, slice groups, data partitions, layers of scalable or stereo coding.</remarks>
public sealed class H264Pictures : IPictureReader
{
    private readonly int _lengthSize;
    private readonly H264Sequence?[] _sequences = new H264Sequence?[32];
    private readonly H264PictureSet[] _pictures = new H264PictureSet[256];

    private H264Pictures(int lengthSize) => _lengthSize = lengthSize;

    /// <param name="extraData">Parameter sets with start codes, those of an mp4 (avcC), or nothing.</param>
    /// <returns>Null if it is something else.</returns>
    public static H264Pictures? Of(ReadOnlySpan<byte> extraData)
    {
        if (extraData is [1, ..])
        {
            return OfLengths(extraData);
        }

        var reader = new H264Pictures(lengthSize: 0);
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
            var type = unit[0] & 0x1F;
            if ((unit[0] & 0x80) != 0 || type is (>= 2 and <= 4) or 20 or 21)
            {
                return false;
            }

            if (type is not (1 or 5))
            {
                TakeParameters(unit);
            }
            else if (!hasPicture)
            {
                hasPicture = TryReadFirst(unit, out picture, out var isAll);
                isLooking = hasPicture && picture.Type == PictureType.Intra && !isAll;
                if (!hasPicture)
                {
                    return false;
                }
            }
            else
            {
                var bits = new BitReader(unit[1..], isEscaped: true);
                if (!H264Slice.TryReadType(ref bits, out var isIntra))
                {
                    return false;
                }

                if (!isIntra)
                {
                    picture = picture with { Type = PictureType.Predicted };
                    break;
                }
            }
        }

        picture = picture with { Filler = Filler.LengthIn(packet, 0x0C, headerSize: 1) };
        return hasPicture && units.ReachEnd();
    }

    private static H264Pictures? OfLengths(ReadOnlySpan<byte> box)
    {
        if (box.Length < 7 || (box[4] & 3) == 2)
        {
            return null;
        }

        var reader = new H264Pictures((box[4] & 3) + 1);
        var count = box[5] & 0x1F;
        var rest = box[6..];
        for (var kind = 0; kind < 2; kind++)
        {
            for (; count > 0; count--)
            {
                var length = rest.Length < 2 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(rest);
                if (length == 0 || length + 2 > rest.Length)
                {
                    return null;
                }

                reader.TakeParameters(rest.Slice(2, length));
                rest = rest[(2 + length)..];
            }

            if (kind == 0)
            {
                if (rest.IsEmpty)
                {
                    return null;
                }

                count = rest[0];
                rest = rest[1..];
            }
        }

        return reader;
    }

    private bool TryReadFirst(ReadOnlySpan<byte> unit, out Picture picture, out bool isAll)
    {
        var bits = new BitReader(unit[1..], isEscaped: true);
        var (isStart, isReference) = ((unit[0] & 0x1F) == 5, (unit[0] & 0x60) != 0);
        var isRead = H264Slice.TryRead(ref bits, isStart, isReference, _pictures, _sequences, out var slice)
            && (isReference || !isStart);
        picture = new(slice.Type, slice.Quantiser, isStart);
        isAll = slice.IsAllOfType || isStart;
        return isRead;
    }

    /// <summary>A set replaces the one of the same number; one that cannot be read takes its place as unknown, and if even its number
    /// cannot be read, all might be other than they were.</summary>
    private void TakeParameters(ReadOnlySpan<byte> unit)
    {
        var bits = new BitReader(unit[1..], isEscaped: true);
        switch (unit[0] & 0x1F)
        {
            case 7:
                if (H264Sequence.ReadId(ref bits, out var profile) is { } sequence)
                {
                    (_sequences[sequence] ??= new()).Read(ref bits, profile);
                }
                else
                {
                    Array.Clear(_sequences);
                }

                break;
            case 8:
                if (H264PictureSet.ReadId(ref bits) is { } id)
                {
                    _pictures[id] = H264PictureSet.Read(ref bits);
                }
                else
                {
                    Array.Clear(_pictures);
                }

                break;
            default:
                break; // messages, delimiters
        }
    }
}
