namespace ActionStream.Ingest.Packets.Pictures;

/// <summary>What a picture parameter set of H.264 says about how slice headers are written.</summary>
internal readonly record struct H264PictureSet
{
    /// <summary>It could be read; otherwise nothing else here holds.</summary>
    public bool IsKnown { get; private init; }

    public int Sequence { get; private init; }

    public bool IsArithmetic { get; private init; }

    public bool HasBottomOrder { get; private init; }

    /// <summary>Reference pictures in the first and in the second list, where the slice does not say otherwise.</summary>
    public (int First, int Second) References { get; private init; }

    public bool IsWeighted { get; private init; }

    /// <summary>Both ways: 0 no, 1 by a table in the slice, 2 by distance.</summary>
    public int WeightedBoth { get; private init; }

    public int Quantiser { get; private init; }

    public bool HasRedundant { get; private init; }

    /// <returns>Which of the 256 sets it is; null if even that cannot be read.</returns>
    public static int? ReadId(ref BitReader bits)
    {
        var id = bits.Unsigned(255);
        return bits.HasFailed ? null : id;
    }

    /// <param name="bits">Behind the number of the set.</param>
    public static H264PictureSet Read(ref BitReader bits)
    {
        var sequence = bits.Unsigned(31);
        var isArithmetic = bits.Flag();
        var hasBottomOrder = bits.Flag();
        bits.Unsigned(0); // slice groups, which nobody decodes
        var references = (bits.Unsigned(31) + 1, bits.Unsigned(31) + 1);
        var isWeighted = bits.Flag();
        var weightedBoth = (int)bits.Bits(2);
        var quantiser = 26 + bits.Signed(-62, 25);
        bits.Signed(-26, 25); // for switching
        bits.Signed(-12, 12); // for chroma
        bits.Flag(); // deblocking has a say in the slice, behind its quantiser
        bits.Flag(); // intra of intra only
        var hasRedundant = bits.Flag();
        return new()
        {
            IsKnown = !bits.HasFailed && weightedBoth < 3,
            Sequence = sequence,
            IsArithmetic = isArithmetic,
            HasBottomOrder = hasBottomOrder,
            References = references,
            IsWeighted = isWeighted,
            WeightedBoth = weightedBoth,
            Quantiser = quantiser,
            HasRedundant = hasRedundant,
        };
    }
}
