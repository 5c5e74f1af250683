using ActionStream.Ingest.Packets.Pictures;

namespace ActionStream.Unit.Ingest.Packets.Pictures;

/// <summary>Headers of H.265 that no encoder at hand writes, but the standard allows: every branch of their syntax by chance. The
/// contents of the pictures are noise.</summary>
internal sealed partial class RandomH265
{
    private const int Sets = 8;
    private static readonly int[] Kinds = [0, 1, 1, 1, 8, 9, 16, 17, 18, 19, 20, 21];
    private readonly Random _chance;
    private readonly Sequence[] _sequences = new Sequence[Sets];
    private readonly Pictures[] _pictures = new Pictures[Sets * 4];
    private readonly List<byte> _parameters = [];

    public RandomH265(int seed)
    {
        _chance = new(seed);
        _parameters.AddRange(BitWriter.Unit([0x40, 1], WriteVideo()));
        for (var i = 0; i < Sets; i++)
        {
            _parameters.AddRange(BitWriter.Unit([0x42, 1], WriteSequence(i)));
        }

        for (var i = 0; i < _pictures.Length; i++)
        {
            _parameters.AddRange(BitWriter.Unit([0x44, 1], WritePictures(i)));
        }
    }

    public byte[] Parameters => [.. _parameters];

    private bool Maybe => _chance.Next(2) == 0;

    /// <summary>A delimiter, and a picture of one slice.</summary>
    public (byte[] Packet, Picture Truth) Next()
    {
        var id = _chance.Next(_pictures.Length);
        var pictures = _pictures[id];
        var sequence = _sequences[pictures.Sequence];
        var unit = Kinds[_chance.Next(Kinds.Length)];

        // What it may be predicted of stands behind its type, and decides whether it may be predicted at all.
        var places = new BitWriter();
        var (used, hasVectors) = unit is 19 or 20 ? (0, false) : WritePlaces(places, sequence);
        var kind = unit >= 16 || used == 0 ? 2 : _chance.Next(3);

        var to = new BitWriter().Bits(1, 1);
        to.Any(_chance, unit >= 16 ? 1 : 0).Unsigned(id).Any(_chance, pictures.ExtraBits).Unsigned(kind);
        to.Any(_chance, pictures.HasOutputFlag ? 1 : 0).Bits(0, sequence.HasPlanes ? 2 : 0);
        places.CopyTo(to);
        to.Any(_chance, sequence.HasSao ? sequence.HasChroma ? 2 : 1 : 0);
        if (kind != 2)
        {
            WritePrediction(to, sequence, pictures, kind == 0, used, hasVectors);
        }

        var quantiser = _chance.Next(-sequence.Offset, 52);
        to.Signed(quantiser - pictures.Quantiser);

        // What comes behind is not looked at; without ends of parts and filters there is little.
        var noise = new byte[20 + _chance.Next(100)];
        _chance.NextBytes(noise);
        byte[] slice = [.. to.Bits(0xFF, 8).End(), .. noise, 0x80];
        return (
            [.. BitWriter.Unit([0x46, 1], [0x50]), .. BitWriter.Unit([(byte)(unit << 1), 1], slice)],
            new((PictureType)(2 - kind), quantiser, unit >= 16));
    }

    private (int Used, bool HasVectors) WritePlaces(BitWriter to, Sequence sequence)
    {
        to.Any(_chance, sequence.OrderBits);
        List<(int Distance, bool IsUsed)> chosen;
        if (to.Flag(sequence.Sets.Count > 0 && Maybe))
        {
            var which = _chance.Next(sequence.Sets.Count);
            to.Bits(which, BitsFor(sequence.Sets.Count));
            chosen = sequence.Sets[which];
        }
        else
        {
            chosen = WriteSet(to, sequence.Sets, isInSlice: true);
        }

        var used = chosen.Count(picture => picture.IsUsed);
        if (sequence.LongTerm is { } longTerm)
        {
            used += WriteLongTerm(to, longTerm, sequence.OrderBits, most: 15 - chosen.Count);
        }

        return (used, sequence.HasVectors && to.Flag(Maybe));
    }

    private int WriteLongTerm(BitWriter to, List<bool> ofSequence, int orderBits, int most)
    {
        var known = ofSequence.Count > 0 ? _chance.Next(Math.Min(ofSequence.Count, most) + 1) : 0;
        var others = _chance.Next(Math.Min(3, most - known + 1));
        if (ofSequence.Count > 0)
        {
            to.Unsigned(known);
        }

        to.Unsigned(others);
        var used = 0;
        for (var i = 0; i < known + others; i++)
        {
            if (i < known)
            {
                var which = _chance.Next(ofSequence.Count);
                to.Bits(which, BitsFor(ofSequence.Count));
                used += ofSequence[which] ? 1 : 0;
            }
            else
            {
                to.Any(_chance, orderBits);
                used += to.Flag(Maybe) ? 1 : 0;
            }

            if (to.Flag(Maybe))
            {
                to.Unsigned(_chance.Next(5));
            }
        }

        return used;
    }

    private void WritePrediction(BitWriter to, Sequence sequence, Pictures pictures, bool isBoth, int used, bool hasVectors)
    {
        var (first, second) = (pictures.First, pictures.Second);
        if (to.Flag(Maybe))
        {
            (first, second) = (1 + _chance.Next(15), 1 + _chance.Next(15));
            to.Unsigned(first - 1);
            if (isBoth)
            {
                to.Unsigned(second - 1);
            }
        }

        second = isBoth ? second : 0;
        if (pictures.HasReordering && used > 1)
        {
            foreach (var count in isBoth ? new[] { first, second } : [first])
            {
                if (to.Flag(Maybe))
                {
                    for (var left = count; left > 0; left--)
                    {
                        to.Bits(_chance.Next(used), BitsFor(used));
                    }
                }
            }
        }

        to.Any(_chance, isBoth ? 1 : 0).Any(_chance, pictures.HasContextStart ? 1 : 0);
        if (hasVectors)
        {
            var isOfFirst = !isBoth || to.Flag(Maybe);
            var count = isOfFirst ? first : second;
            if (count > 1)
            {
                to.Unsigned(_chance.Next(count));
            }
        }

        if (isBoth ? pictures.IsWeightedBoth : pictures.IsWeighted)
        {
            var denominator = _chance.Next(8);
            to.Unsigned(denominator);
            if (sequence.HasChroma)
            {
                to.Signed(_chance.Next(8) - denominator);
            }

            WriteWeights(to, sequence.HasChroma, first);
            WriteWeights(to, sequence.HasChroma, second);
        }

        to.Unsigned(_chance.Next(5));
    }

    private void WriteWeights(BitWriter to, bool hasChroma, int count)
    {
        var luma = Enumerable.Range(0, count).Select(_ => to.Flag(Maybe)).ToList();
        var chroma = Enumerable.Range(0, count).Select(_ => hasChroma && to.Flag(Maybe)).ToList();
        for (var i = 0; i < count; i++)
        {
            if (luma[i])
            {
                to.Signed(_chance.Next(-128, 128)).Signed(_chance.Next(-128, 128));
            }

            for (var plane = 0; chroma[i] && plane < 2; plane++)
            {
                to.Signed(_chance.Next(-128, 128)).Signed(_chance.Next(-512, 512));
            }
        }
    }

    private static int BitsFor(int count)
    {
        var bits = 0;
        while (1 << bits < count)
        {
            bits++;
        }

        return bits;
    }

    private sealed record Sequence(
        bool HasChroma, bool HasPlanes, int Offset, int OrderBits, bool HasSao, List<List<(int Distance, bool IsUsed)>> Sets,
        List<bool>? LongTerm, bool HasVectors);

    private sealed record Pictures(
        int Sequence, bool HasOutputFlag, int ExtraBits, bool HasContextStart, int First, int Second, int Quantiser, bool IsWeighted,
        bool IsWeightedBoth, bool HasReordering);
}
