namespace ActionStream.Ingest.Packets.Pictures;

/// <summary>What a sequence parameter set of H.264 says about how slice headers are written.</summary>
internal sealed class H264Sequence
{
    /// <summary>It was read to the end of what is needed; otherwise nothing else here holds.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>4:0:0 and separate planes have no colour of their own in a slice.</summary>
    public bool HasChroma { get; private set; }

    public bool HasSeparatePlanes { get; private set; }

    /// <summary>Six for each bit beyond eight: how far below 0 the quantiser may go.</summary>
    public int QuantiserOffset { get; private set; }

    public int FrameNumberBits { get; private set; }

    /// <summary>How the order of showing is told: 0 to 2.</summary>
    public int OrderType { get; private set; }

    public int OrderBits { get; private set; }

    public bool IsOrderDeltaZero { get; private set; }

    /// <summary>Frames that are kept at most.</summary>
    public int References { get; private set; }

    public bool IsFramesOnly { get; private set; }

    /// <returns>Which of the 32 sets it is; null if even that cannot be read.</returns>
    public static int? ReadId(ref BitReader bits, out int profile)
    {
        profile = (int)bits.Bits(8);
        bits.Skip(16); // constraints, level
        var id = bits.Unsigned(31);
        return bits.HasFailed ? null : id;
    }

    /// <param name="bits">Behind the number of the set.</param>
    public void Read(ref BitReader bits, int profile)
    {
        IsKnown = false;
        (HasChroma, HasSeparatePlanes, QuantiserOffset) = (true, false, 0);
        switch (profile)
        {
            case 66 or 77:
                break;
            case 100 or 110 or 122 or 244 or 44:
                ReadHigh(ref bits);
                break;
            default:
                return; // extended (data partitions), and what only other kinds of parameter sets may be
        }

        FrameNumberBits = bits.Unsigned(12) + 4;
        ReadOrder(ref bits);
        References = bits.Unsigned(16);
        bits.Flag(); // gaps in the numbering
        bits.Unsigned(ushort.MaxValue); // width
        bits.Unsigned(ushort.MaxValue); // height
        IsFramesOnly = bits.Flag();
        if (!IsFramesOnly)
        {
            bits.Flag(); // macroblocks may be fields
        }

        bits.Flag(); // direct prediction of 8x8
        if (bits.Flag()) // cropping
        {
            for (var side = 0; side < 4; side++)
            {
                bits.Unsigned(int.MaxValue);
            }
        }

        bits.Flag(); // what follows is about showing
        IsKnown = !bits.HasFailed;
    }

    private void ReadHigh(ref BitReader bits)
    {
        var chroma = bits.Unsigned(3);
        HasSeparatePlanes = chroma == 3 && bits.Flag();
        HasChroma = chroma != 0 && !HasSeparatePlanes;
        QuantiserOffset = 6 * bits.Unsigned(6);
        bits.Unsigned(6); // depth of chroma
        bits.Flag(); // lossless at the lowest quantiser
        if (bits.Flag())
        {
            var lists = chroma == 3 ? 12 : 8;
            for (var list = 0; list < lists; list++)
            {
                if (bits.Flag())
                {
                    SkipScalingList(ref bits, list < 6 ? 16 : 64);
                }
            }
        }
    }

    private static void SkipScalingList(ref BitReader bits, int size)
    {
        var last = 8;
        for (var i = 0; i < size; i++)
        {
            last = (last + bits.Signed(-128, 127) + 256) % 256;
            if (last == 0)
            {
                return; // the last one holds for the rest
            }
        }
    }

    private void ReadOrder(ref BitReader bits)
    {
        (OrderBits, IsOrderDeltaZero) = (0, false);
        OrderType = bits.Unsigned(2);
        if (OrderType == 0)
        {
            OrderBits = bits.Unsigned(12) + 4;
        }
        else if (OrderType == 1)
        {
            IsOrderDeltaZero = bits.Flag();
            bits.Signed(int.MinValue + 1, int.MaxValue); // offsets
            bits.Signed(int.MinValue + 1, int.MaxValue);
            for (var left = bits.Unsigned(255); left > 0; left--)
            {
                bits.Signed(int.MinValue + 1, int.MaxValue);
            }
        }
    }
}
