namespace ActionStream.Ingest.Packets.Pictures;

/// <summary>What a picture parameter set of H.265 says about how slice headers are written.</summary>
internal readonly record struct H265PictureSet
{
    /// <summary>It could be read; otherwise nothing else here holds.</summary>
    public bool IsKnown { get; private init; }

    public int Sequence { get; private init; }

    public bool HasDependentSlices { get; private init; }

    public bool HasOutputFlag { get; private init; }

    public int ExtraBits { get; private init; }

    public bool HasContextStart { get; private init; }

    /// <summary>Reference pictures in the first and in the second list, where the slice does not say otherwise.</summary>
    public (int First, int Second) References { get; private init; }

    public int Quantiser { get; private init; }

    public bool IsWeighted { get; private init; }

    public bool IsWeightedBoth { get; private init; }

    public bool HasReordering { get; private init; }

    /// <returns>Which of the 64 sets it is; null if even that cannot be read.</returns>
    public static int? ReadId(ref BitReader bits)
    {
        var id = bits.Unsigned(63);
        return bits.HasFailed ? null : id;
    }

    /// <param name="bits">Behind the number of the set.</param>
    public static H265PictureSet Read(ref BitReader bits)
    {
        var set = new H265PictureSet
        {
            Sequence = bits.Unsigned(15),
            HasDependentSlices = bits.Flag(),
            HasOutputFlag = bits.Flag(),
            ExtraBits = (int)bits.Bits(3),
        };
        bits.Flag(); // hidden signs
        set = set with
        {
            HasContextStart = bits.Flag(),
            References = (bits.Unsigned(14) + 1, bits.Unsigned(14) + 1),
            Quantiser = 26 + bits.Signed(-74, 25),
        };
        bits.Bits(2); // constrained intra, blocks without transform
        if (bits.Flag()) // quantisers within the picture
        {
            bits.Unsigned(3);
        }

        bits.Signed(-12, 12); // chroma
        bits.Signed(-12, 12);
        bits.Flag();
        set = set with { IsWeighted = bits.Flag(), IsWeightedBoth = bits.Flag() };
        bits.Flag(); // lossless blocks
        SkipTiles(ref bits);
        bits.Flag(); // filter across slices
        if (bits.Flag()) // deblocking
        {
            bits.Flag();
            if (!bits.Flag())
            {
                bits.Signed(-6, 6);
                bits.Signed(-6, 6);
            }
        }

        if (bits.Flag())
        {
            H265Sequence.SkipScalingLists(ref bits);
        }

        set = set with { HasReordering = bits.Flag() };
        bits.Unsigned(4); // merging
        bits.Flag(); // extension of the slice header, behind its quantiser

        // Of the extensions only that for screen content has a say before a slice's quantiser.
        var isForScreens = bits.Flag() && (bits.Bits(8) & 0x1F) != 0;
        return set with { IsKnown = !bits.HasFailed && !isForScreens };
    }

    private static void SkipTiles(ref BitReader bits)
    {
        var hasTiles = bits.Flag();
        bits.Flag(); // wavefronts
        if (!hasTiles)
        {
            return;
        }

        var edges = bits.Unsigned(31) + bits.Unsigned(31); // columns, rows
        if (!bits.Flag())
        {
            for (; edges > 0; edges--)
            {
                bits.Unsigned(ushort.MaxValue);
            }
        }

        bits.Flag(); // filter across tiles
    }
}
