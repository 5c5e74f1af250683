using System.Buffers.Binary;

namespace ActionStream.Ingest.Packets.Pictures;

/// <summary>Collects the parameter sets that stand among a stream's packets: a decoder that is not given every packet must get those
/// that it did not see, or it takes the next pictures for what they are not.</summary>
/// <remarks>Only H.264 and H.265 have them. Bounded by their numbers and <see cref="Longest"/>.</remarks>
internal sealed class ParameterSets
{
    /// <summary>Bytes of one set; longer ones are no camera's.</summary>
    public const int Longest = 1024;

    private readonly SortedList<int, byte[]> _sets = []; // by kind and number: a set refers to those before it
    private readonly VideoCodec _codec;
    private readonly int _lengthSize;
    private ReadOnlyMemory<byte> _all;

    public ParameterSets(CodedStream stream)
    {
        // avcC and hvcC begin with their version, 1; parameter sets with start codes begin with 0.
        var extra = stream.ExtraData.Span;
        var at = stream.Codec == VideoCodec.H264 ? 4 : 21;
        (_codec, _lengthSize) = (stream.Codec, extra.Length > at && extra[0] == 1 ? (extra[at] & 3) + 1 : 0);
    }

    /// <summary>Looks for sets in front of the packet's picture.</summary>
    /// <returns>All that have come so far, as they may stand in front of a picture: the same memory until one of them says something
    /// else.</returns>
    public ReadOnlyMemory<byte> Take(ReadOnlySpan<byte> packet)
    {
        if (_codec is not (VideoCodec.H264 or VideoCodec.H265) || _lengthSize == 3)
        {
            return _all;
        }

        var isOther = false;
        var units = new NalUnits(packet, _lengthSize);
        while (units.MoveNext() && !IsPicture(units.Current))
        {
            if (KeyOf(units.Current) is { } key && Whole(units.Current) is { Length: > 0 and <= Longest } set
                && !(_sets.TryGetValue(key, out var known) && set.SequenceEqual(known)))
            {
                _sets[key] = set.ToArray();
                isOther = true;
            }
        }

        _all = isOther ? All() : _all;
        return _all;
    }

    private bool IsPicture(ReadOnlySpan<byte> unit) =>
        _codec == VideoCodec.H264 ? (unit[0] & 0x1F) is >= 1 and <= 5 : unit[0] >> 1 < 32;

    // Kind and number of a set; null for anything else.
    private int? KeyOf(ReadOnlySpan<byte> unit)
    {
        if (_codec == VideoCodec.H264)
        {
            var bits = new BitReader(unit[1..], isEscaped: true);
            return (unit[0] & 0x1F) switch
            {
                7 when H264Sequence.ReadId(ref bits, out _) is { } id => (7 << 8) + id,
                8 when H264PictureSet.ReadId(ref bits) is { } id => (8 << 8) + id,
                _ => null,
            };
        }

        if (unit.Length < 3 || (unit[0] & 1) != 0 || unit[1] >> 3 != 0)
        {
            return null; // a layer above the base
        }

        var rest = new BitReader(unit[2..], isEscaped: true);
        return (unit[0] >> 1) switch
        {
            32 => (32 << 8) + (unit[2] >> 4),
            33 when H265Sequence.ReadId(ref rest, out _) is { } id => (33 << 8) + id,
            34 when H265PictureSet.ReadId(ref rest) is { } id => (34 << 8) + id,
            _ => null,
        };
    }

    // With start codes a unit is followed by the rest of the packet, and may end with zeros that are not its own.
    private ReadOnlySpan<byte> Whole(ReadOnlySpan<byte> unit)
    {
        if (_lengthSize > 0)
        {
            return unit;
        }

        var end = unit.IndexOf((ReadOnlySpan<byte>)[0, 0, 1]);
        return (end < 0 ? unit : unit[..end]).TrimEnd((byte)0);
    }

    private ReadOnlyMemory<byte> All()
    {
        using var all = new MemoryStream();
        Span<byte> front = stackalloc byte[sizeof(uint)];
        foreach (var set in _sets.Values)
        {
            BinaryPrimitives.WriteUInt32BigEndian(front, _lengthSize == 0 ? 1 : (uint)set.Length);
            all.Write(_lengthSize is 1 or 2 ? front[^_lengthSize..] : front);
            all.Write(set);
        }

        return all.ToArray();
    }
}
