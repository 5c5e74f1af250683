namespace ActionStream.Ingest.Packets.Pictures;

/// <summary>What a sequence parameter set of H.265 says about how slice headers are written.</summary>
internal sealed class H265Sequence
{
    private const int MostSets = 64;
    private const int MostLongTerm = 32;

    private readonly H265ReferenceSet[] _sets = new H265ReferenceSet[MostSets];
    private int _setCount;

    /// <summary>It was read to the end of what is needed; otherwise nothing else here holds.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>4:0:0 and separate planes have no colour of their own in a slice.</summary>
    public bool HasChroma { get; private set; }

    public bool HasSeparatePlanes { get; private set; }

    /// <summary>Bits of a sample.</summary>
    public (int Luma, int Chroma) Depth { get; private set; }

    /// <summary>Six for each bit beyond eight: how far below 0 the quantiser may go.</summary>
    public int QuantiserOffset => 6 * (Depth.Luma - 8);

    public int OrderBits { get; private set; }

    /// <summary>Bits of the place of a slice in the picture.</summary>
    public int AddressBits { get; private set; }

    public bool HasSampleOffsets { get; private set; }

    public ReadOnlySpan<H265ReferenceSet> ReferenceSets => _sets.AsSpan(0, _setCount);

    public bool HasLongTerm { get; private set; }

    public int LongTermCount { get; private set; }

    /// <summary>Bit i: the sequence's long-term picture i is used for prediction.</summary>
    public uint LongTermUsed { get; private set; }

    public bool HasTemporalVectors { get; private set; }

    /// <returns>Which of the 16 sets it is; null if even that cannot be read, or the profile is none of those read.</returns>
    public static int? ReadId(ref BitReader bits, out int layers)
    {
        bits.Bits(4); // video parameter set
        layers = (int)bits.Bits(3);
        bits.Flag();
        SkipProfile(ref bits, layers);
        var id = bits.Unsigned(15);
        return bits.HasFailed ? null : id;
    }

    /// <param name="bits">Behind the number of the set.</param>
    /// <param name="layers">Temporal layers but one.</param>
    public void Read(ref BitReader bits, int layers)
    {
        IsKnown = false;
        var chroma = bits.Unsigned(3);
        HasSeparatePlanes = chroma == 3 && bits.Flag();
        HasChroma = chroma != 0 && !HasSeparatePlanes;
        var (width, height) = (bits.Unsigned(ushort.MaxValue), bits.Unsigned(ushort.MaxValue));
        if (bits.Flag()) // cropping
        {
            for (var side = 0; side < 4; side++)
            {
                bits.Unsigned(ushort.MaxValue);
            }
        }

        Depth = (8 + bits.Unsigned(8), 8 + bits.Unsigned(8));
        OrderBits = bits.Unsigned(12) + 4;
        for (var layer = bits.Flag() ? 0 : layers; layer <= layers; layer++)
        {
            bits.Unsigned(15); // pictures kept, reordered, delay
            bits.Unsigned(15);
            bits.Unsigned(int.MaxValue);
        }

        ReadBlocks(ref bits, width, height);
        if (bits.Flag() && bits.Flag())
        {
            SkipScalingLists(ref bits);
        }

        bits.Flag(); // asymmetric blocks
        HasSampleOffsets = bits.Flag();
        if (bits.Flag()) // uncompressed blocks
        {
            bits.Bits(8);
            bits.Unsigned(2);
            bits.Unsigned(3);
            bits.Flag();
        }

        ReadReferenceSets(ref bits);
        HasTemporalVectors = bits.Flag();
        bits.Flag(); // smoothing; what follows is about showing, and extensions
        IsKnown = !bits.HasFailed;
    }

    public static void SkipScalingLists(ref BitReader bits)
    {
        for (var size = 0; size < 4; size++)
        {
            for (var matrix = 0; matrix < 6; matrix += size == 3 ? 3 : 1)
            {
                if (!bits.Flag())
                {
                    bits.Unsigned(5); // as another
                    continue;
                }

                if (size > 1)
                {
                    bits.Signed(-7, 247);
                }

                for (var left = Math.Min(64, 16 << (2 * size)); left > 0; left--)
                {
                    bits.Signed(-128, 127);
                }
            }
        }
    }

    private static void SkipProfile(ref BitReader bits, int layers)
    {
        bits.Bits(3);
        if (bits.Bits(5) is < 1 or > 4)
        {
            bits.Fail(); // 1 to 4: Main, Main 10, stills, range extensions; others change what a slice header holds
        }

        bits.Skip(88); // the rest of the profile, level
        Span<bool> has = stackalloc bool[16];
        for (var i = 0; i < 2 * layers; i++)
        {
            has[i] = bits.Flag();
        }

        bits.Skip(layers > 0 ? 2 * (8 - layers) : 0);
        for (var i = 0; i < layers; i++)
        {
            bits.Skip((has[2 * i] ? 88 : 0) + (has[(2 * i) + 1] ? 8 : 0));
        }

        if (layers > 6)
        {
            bits.Fail();
        }
    }

    private void ReadBlocks(ref BitReader bits, int width, int height)
    {
        var least = bits.Unsigned(3) + 3;
        var largest = least + bits.Unsigned(3);
        bits.Unsigned(3); // transforms
        bits.Unsigned(3);
        bits.Unsigned(4);
        bits.Unsigned(4);
        if (largest is < 4 or > 6 || width == 0 || height == 0)
        {
            bits.Fail();
            return;
        }

        var blocks = ((width - 1 >> largest) + 1L) * ((height - 1 >> largest) + 1L);
        AddressBits = BitReader.BitsFor((int)Math.Min(blocks, int.MaxValue));
    }

    private void ReadReferenceSets(ref BitReader bits)
    {
        var count = bits.Unsigned(MostSets);
        for (_setCount = 0; _setCount < count && !bits.HasFailed; _setCount++)
        {
            _sets[_setCount] = H265ReferenceSet.Read(ref bits, _sets.AsSpan(0, _setCount), isInSlice: false);
        }

        (LongTermCount, LongTermUsed) = (0, 0);
        HasLongTerm = bits.Flag();
        if (HasLongTerm)
        {
            LongTermCount = bits.Unsigned(MostLongTerm);
            for (var i = 0; i < LongTermCount; i++)
            {
                bits.Bits(OrderBits);
                LongTermUsed |= bits.Flag() ? 1u << i : 0;
            }
        }
    }
}
