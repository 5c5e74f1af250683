namespace ActionStream.Ingest.Packets.Pictures;

/// <summary>The header of a slice of H.264 as far as its quantiser, and all that must be read to get there.</summary>
/// <param name="IsAllOfType">The other slices of the picture are of the same type.</param>
internal readonly record struct H264Slice(PictureType Type, bool IsAllOfType, int Quantiser)
{
    private const int MostReferences = 16; // of frames; fields may have twice as many, and are not read
    private const int MostCommands = 66; // as many as there may be pictures to mark, twice over

    /// <param name="bits">Behind the unit's header.</param>
    /// <param name="isStart">The unit is of an IDR picture.</param>
    /// <param name="isReference">The unit says that others are predicted of it.</param>
    public static bool TryRead(
        ref BitReader bits, bool isStart, bool isReference, H264PictureSet[] pictureSets, H264Sequence?[] sequences, out H264Slice slice)
    {
        slice = default;
        bits.Unsigned(0); // its first macroblock: the picture's first, or its beginning was lost
        var type = bits.Unsigned(9);
        var pictures = pictureSets[bits.Unsigned(255)];
        if (bits.HasFailed || !pictures.IsKnown || sequences[pictures.Sequence] is not { IsKnown: true } sequence)
        {
            return false;
        }

        var kind = type % 5;
        if (kind > 2 || (isStart && kind != 2))
        {
            return false; // for switching between streams; or a start that needs others
        }

        var (isBoth, isIntra) = (kind == 1, kind == 2);
        ReadPlace(ref bits, sequence, pictures, isStart);
        var references = ReadReferences(ref bits, sequence, pictures.References, isIntra, isBoth);
        if (isBoth ? pictures.WeightedBoth == 1 : !isIntra && pictures.IsWeighted)
        {
            SkipWeights(ref bits, sequence.HasChroma, references, isBoth);
        }

        if (isReference)
        {
            SkipMarking(ref bits, sequence, isStart);
        }

        if (pictures.IsArithmetic && !isIntra)
        {
            bits.Unsigned(2); // which start of the contexts
        }

        var quantiser = pictures.Quantiser + bits.Signed(-128, 128);
        slice = new(
            isIntra ? PictureType.Intra : isBoth ? PictureType.Bidirectional : PictureType.Predicted, IsAllOfType: type > 4, quantiser);
        return !bits.HasFailed && quantiser >= -sequence.QuantiserOffset && quantiser <= 51;
    }

    /// <summary>Type of a later slice.</summary>
    public static bool TryReadType(ref BitReader bits, out bool isIntra)
    {
        bits.Unsigned(int.MaxValue);
        isIntra = bits.Unsigned(9) % 5 == 2;
        return !bits.HasFailed;
    }

    /// <summary>Which picture of the stream it is, and where among those shown.</summary>
    private static void ReadPlace(ref BitReader bits, H264Sequence sequence, in H264PictureSet pictures, bool isStart)
    {
        if (sequence.HasSeparatePlanes && bits.Bits(2) != 0)
        {
            bits.Fail(); // the picture begins with luma
        }

        if (bits.Bits(sequence.FrameNumberBits) != 0 && isStart)
        {
            bits.Fail(); // numbers begin at 0
        }

        if (!sequence.IsFramesOnly && bits.Flag())
        {
            bits.Fail(); // a field: two of them with two types make the picture
        }

        if (isStart)
        {
            bits.Unsigned(ushort.MaxValue);
        }

        if (sequence.OrderType == 0)
        {
            bits.Bits(sequence.OrderBits);
            if (pictures.HasBottomOrder)
            {
                bits.Signed(int.MinValue + 1, int.MaxValue);
            }
        }
        else if (sequence.OrderType == 1 && !sequence.IsOrderDeltaZero)
        {
            bits.Signed(int.MinValue + 1, int.MaxValue);
            if (pictures.HasBottomOrder)
            {
                bits.Signed(int.MinValue + 1, int.MaxValue);
            }
        }

        if (pictures.HasRedundant)
        {
            bits.Unsigned(0); // the picture itself comes before a spare one
        }
    }

    private static (int First, int Second) ReadReferences(
        ref BitReader bits, H264Sequence sequence, (int First, int Second) usual, bool isIntra, bool isBoth)
    {
        if (isIntra)
        {
            return (0, 0);
        }

        if (isBoth)
        {
            bits.Flag(); // how direct prediction is done
        }

        var (first, second) = usual;
        if (bits.Flag())
        {
            first = bits.Unsigned(MostReferences - 1) + 1;
            second = isBoth ? bits.Unsigned(MostReferences - 1) + 1 : 0;
        }

        if (first > MostReferences || (isBoth && second > MostReferences))
        {
            bits.Fail();
        }

        SkipReordering(ref bits, sequence, first);
        if (isBoth)
        {
            SkipReordering(ref bits, sequence, second);
        }

        return (first, second);
    }

    private static void SkipReordering(ref BitReader bits, H264Sequence sequence, int references)
    {
        if (!bits.Flag())
        {
            return;
        }

        for (var left = references; left >= 0 && !bits.HasFailed; left--)
        {
            var command = bits.Unsigned(3);
            if (command == 3)
            {
                return;
            }

            bits.Unsigned(command == 2 ? sequence.References - 1 : 1 << sequence.FrameNumberBits); // which picture
        }

        bits.Fail();
    }

    private static void SkipWeights(ref BitReader bits, bool hasChroma, (int First, int Second) references, bool isBoth)
    {
        bits.Unsigned(7); // denominators
        if (hasChroma)
        {
            bits.Unsigned(7);
        }

        var count = references.First + (isBoth ? references.Second : 0);
        for (var i = 0; i < count && !bits.HasFailed; i++)
        {
            SkipWeight(ref bits, planes: 1);
            if (hasChroma)
            {
                SkipWeight(ref bits, planes: 2);
            }
        }
    }

    private static void SkipWeight(ref BitReader bits, int planes)
    {
        if (bits.Flag())
        {
            for (var plane = 0; plane < planes; plane++)
            {
                bits.Signed(-128, 127); // factor
                bits.Signed(-128, 127); // offset
            }
        }
    }

    /// <summary>Which pictures are kept to predict of.</summary>
    private static void SkipMarking(ref BitReader bits, H264Sequence sequence, bool isStart)
    {
        if (isStart)
        {
            bits.Bits(2);
            return;
        }

        if (!bits.Flag())
        {
            return;
        }

        for (var left = MostCommands; left > 0 && !bits.HasFailed; left--)
        {
            var command = bits.Unsigned(6);
            if (command == 0)
            {
                return;
            }

            if (command is 1 or 3)
            {
                bits.Unsigned(1 << sequence.FrameNumberBits); // which picture
            }

            if (command is 2 or 3 or 4 or 6)
            {
                bits.Unsigned(command == 4 ? sequence.References : sequence.References - 1); // of those kept for long
            }
        }

        bits.Fail();
    }
}
