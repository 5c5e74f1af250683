using System.Numerics;

namespace ActionStream.Ingest.Packets.Pictures;

/// <summary>The header of a slice of H.265 as far as its quantiser, and all that must be read to get there.</summary>
internal readonly record struct H265Slice(PictureType Type, int Quantiser)
{
    private const int MostReferences = 15;

    /// <param name="bits">Behind the unit's header.</param>
    /// <param name="unit">Kind of the unit: 0 to 9 and 16 to 21.</param>
    public static bool TryRead(
        ref BitReader bits, int unit, H265PictureSet[] pictureSets, H265Sequence?[] sequences, out H265Slice slice)
    {
        slice = default;
        if (!bits.Flag())
        {
            return false; // not the picture's first: its beginning was lost
        }

        if (unit >= 16)
        {
            bits.Flag(); // what becomes of earlier pictures
        }

        var pictures = pictureSets[bits.Unsigned(63)];
        if (bits.HasFailed || !pictures.IsKnown || sequences[pictures.Sequence] is not { IsKnown: true } sequence)
        {
            return false;
        }

        bits.Skip(pictures.ExtraBits);
        var kind = bits.Unsigned(2);
        if (bits.HasFailed || (unit >= 16 && kind != 2))
        {
            return false; // a start that needs others
        }

        bits.Skip(pictures.HasOutputFlag ? 1 : 0);
        if (sequence.HasSeparatePlanes && bits.Bits(2) != 0)
        {
            return false; // the picture begins with luma
        }

        var (used, hasVectors) = unit is 19 or 20 ? (0, false) : ReadReferenceSets(ref bits, sequence);
        if (sequence.HasSampleOffsets)
        {
            bits.Skip(sequence.HasChroma ? 2 : 1);
        }

        if (kind != 2)
        {
            SkipPrediction(ref bits, pictures, sequence, isBoth: kind == 0, used, hasVectors);
        }

        var quantiser = pictures.Quantiser + bits.Signed(-128, 128);
        slice = new((PictureType)(2 - kind), quantiser);
        return !bits.HasFailed && quantiser >= -sequence.QuantiserOffset && quantiser <= 51;
    }

    /// <summary>Type of a later slice; one that depends on another has that one's.</summary>
    public static bool TryReadType(
        ref BitReader bits, int unit, H265PictureSet[] pictureSets, H265Sequence?[] sequences, out bool isIntra)
    {
        isIntra = true;
        var isFirst = bits.Flag();
        bits.Skip(unit >= 16 ? 1 : 0);
        var pictures = pictureSets[bits.Unsigned(63)];
        if (isFirst || bits.HasFailed || !pictures.IsKnown || sequences[pictures.Sequence] is not { IsKnown: true } sequence)
        {
            return false;
        }

        var isDependent = pictures.HasDependentSlices && bits.Flag();
        bits.Bits(sequence.AddressBits);
        if (!isDependent)
        {
            bits.Skip(pictures.ExtraBits);
            isIntra = bits.Unsigned(2) == 2;
        }

        return !bits.HasFailed;
    }

    /// <summary>Of how many pictures it may be predicted, and whether vectors are predicted from those of another.</summary>
    private static (int Used, bool HasVectors) ReadReferenceSets(ref BitReader bits, H265Sequence sequence)
    {
        bits.Bits(sequence.OrderBits);
        var sets = sequence.ReferenceSets;
        int used, count;
        if (!bits.Flag())
        {
            var own = H265ReferenceSet.Read(ref bits, sets, isInSlice: true);
            (used, count) = (own.Used, own.Count);
        }
        else
        {
            var chosen = (int)bits.Bits(BitReader.BitsFor(sets.Length));
            if (chosen >= sets.Length)
            {
                bits.Fail();
                return default;
            }

            (used, count) = (sets[chosen].Used, sets[chosen].Count);
        }

        used += sequence.HasLongTerm ? ReadLongTerm(ref bits, sequence, H265ReferenceSet.Most - 1 - count) : 0;
        return (used, sequence.HasTemporalVectors && bits.Flag());
    }

    private static int ReadLongTerm(ref BitReader bits, H265Sequence sequence, int most)
    {
        var ofSequence = sequence.LongTermCount > 0 ? bits.Unsigned(Math.Min(most, sequence.LongTermCount)) : 0;
        var count = ofSequence + bits.Unsigned(most - ofSequence);
        var used = 0;
        for (var i = 0; i < count && !bits.HasFailed; i++)
        {
            if (i < ofSequence)
            {
                var chosen = (int)bits.Bits(BitReader.BitsFor(sequence.LongTermCount));
                used += (int)((sequence.LongTermUsed >> chosen) & 1);
                if (chosen >= sequence.LongTermCount)
                {
                    bits.Fail();
                }
            }
            else
            {
                bits.Bits(sequence.OrderBits);
                used += bits.Flag() ? 1 : 0;
            }

            if (bits.Flag())
            {
                bits.Unsigned(1 << 28); // how far back
            }
        }

        return used;
    }

    private static void SkipPrediction(
        ref BitReader bits, in H265PictureSet pictures, H265Sequence sequence, bool isBoth, int used, bool hasVectors)
    {
        var (first, second) = pictures.References;
        if (bits.Flag())
        {
            first = bits.Unsigned(MostReferences - 1) + 1;
            second = isBoth ? bits.Unsigned(MostReferences - 1) + 1 : 0;
        }

        if (used == 0)
        {
            bits.Fail(); // predicted of nothing
        }

        if (pictures.HasReordering && used > 1)
        {
            SkipReordering(ref bits, first, used);
            if (isBoth)
            {
                SkipReordering(ref bits, second, used);
            }
        }

        bits.Skip(isBoth ? 1 : 0); // no vectors of the second list
        bits.Skip(pictures.HasContextStart ? 1 : 0);
        if (hasVectors)
        {
            var isOfFirst = !isBoth || bits.Flag();
            var most = (isOfFirst ? first : second) - 1;
            if (most > 0)
            {
                bits.Unsigned(most);
            }
        }

        if (isBoth ? pictures.IsWeightedBoth : pictures.IsWeighted)
        {
            SkipWeights(ref bits, sequence, first, isBoth ? second : 0);
        }

        bits.Unsigned(4); // candidates for merging
    }

    private static void SkipReordering(ref BitReader bits, int count, int used)
    {
        if (bits.Flag())
        {
            for (; count > 0; count--)
            {
                if (bits.Bits(BitReader.BitsFor(used)) >= used)
                {
                    bits.Fail();
                }
            }
        }
    }

    private static void SkipWeights(ref BitReader bits, H265Sequence sequence, int first, int second)
    {
        var denominator = bits.Unsigned(7);
        if (sequence.HasChroma)
        {
            bits.Signed(-denominator, 7 - denominator);
        }

        SkipWeights(ref bits, sequence, first);
        if (second > 0)
        {
            SkipWeights(ref bits, sequence, second);
        }
    }

    private static void SkipWeights(ref BitReader bits, H265Sequence sequence, int count)
    {
        var luma = bits.Bits(count);
        var chroma = sequence.HasChroma ? bits.Bits(count) : 0;
        for (var i = count - 1; i >= 0; i--)
        {
            if (((luma >> i) & 1) != 0)
            {
                SkipWeight(ref bits, 1 << (sequence.Depth.Luma - 1));
            }

            if (((chroma >> i) & 1) != 0)
            {
                SkipWeight(ref bits, 4 << (sequence.Depth.Chroma - 1));
                SkipWeight(ref bits, 4 << (sequence.Depth.Chroma - 1));
            }
        }
    }

    private static void SkipWeight(ref BitReader bits, int mostOffset)
    {
        bits.Signed(-128, 127);
        bits.Signed(-mostOffset, mostOffset - 1);
    }
}
