namespace ActionStream.Ingest.Packets.Pictures;

/// <summary>What the header of a video object layer of MPEG-4 part 2 says about how the headers of its pictures are written.</summary>
internal readonly record struct Mpeg4Layer
{
    private const int SimpleObject = 1;
    private const int AdvancedSimpleObject = 17;
    private const int ExtendedAspect = 15;
    private const int BitsOfBuffer = 79;

    /// <summary>It could be read; otherwise nothing else here holds.</summary>
    public bool IsKnown { get; private init; }

    /// <summary>It may hold pictures that are predicted of one shown after them.</summary>
    public bool MayReorder { get; private init; }

    public int TimeBits { get; private init; }

    public bool IsInterlaced { get; private init; }

    public int QuantiserBits { get; private init; }

    /// <param name="bits">Behind the start code.</param>
    public static Mpeg4Layer Read(ref BitReader bits)
    {
        bits.Flag(); // all pictures stand for themselves
        var kind = (int)bits.Bits(8);
        var version = 1;
        if (bits.Flag())
        {
            version = (int)bits.Bits(4);
            bits.Bits(3);
        }

        if (bits.Bits(4) == ExtendedAspect)
        {
            bits.Bits(16);
        }

        var mayReorder = kind != SimpleObject;
        if (bits.Flag())
        {
            bits.Bits(2); // chroma
            mayReorder &= !bits.Flag();
            bits.Skip(bits.Flag() ? BitsOfBuffer : 0);
        }

        if (bits.Bits(2) != 0 || kind is not (SimpleObject or AdvancedSimpleObject))
        {
            bits.Fail(); // not a rectangle, or a kind with layers, sprites and the like
        }

        bits.Marker();
        var resolution = (int)bits.Bits(16);
        bits.Marker();
        var timeBits = Math.Max(1, BitReader.BitsFor(resolution));
        bits.Skip(bits.Flag() ? timeBits : 0);
        for (var side = 0; side < 2; side++)
        {
            bits.Marker();
            if (bits.Bits(13) == 0)
            {
                bits.Fail();
            }
        }

        bits.Marker();
        var isInterlaced = bits.Flag();
        bits.Flag(); // overlapped blocks
        var quantiserBits = ReadCoding(ref bits, version);
        return new()
        {
            IsKnown = !bits.HasFailed && resolution > 0,
            MayReorder = mayReorder,
            TimeBits = timeBits,
            IsInterlaced = isInterlaced,
            QuantiserBits = quantiserBits,
        };
    }

    private static int ReadCoding(ref BitReader bits, int version)
    {
        if (bits.Bits(version == 1 ? 1 : 2) != 0)
        {
            bits.Fail(); // sprites, and global motion, whose vectors stand before the quantiser
        }

        var quantiserBits = 5;
        if (bits.Flag())
        {
            quantiserBits = (int)bits.Bits(4);
            bits.Bits(4); // bits of a pixel
        }

        if (quantiserBits is < 3 or > 9)
        {
            bits.Fail();
        }

        if (bits.Flag())
        {
            for (var matrix = 0; matrix < 2; matrix++)
            {
                SkipMatrix(ref bits);
            }
        }

        bits.Skip(version == 1 ? 0 : 1); // quarter samples
        if (!bits.Flag())
        {
            bits.Fail(); // estimates of the work stand before the quantiser
        }

        bits.Flag(); // no markers to resume at
        if (bits.Flag()) // parts of their own
        {
            bits.Flag();
        }

        if (version != 1 && bits.Bits(2) != 0)
        {
            bits.Fail(); // choice of references by messages, reduced resolution
        }

        if (bits.Flag())
        {
            bits.Fail(); // layers
        }

        return quantiserBits;
    }

    private static void SkipMatrix(ref BitReader bits)
    {
        if (bits.Flag())
        {
            // The last value before a 0 holds for the rest.
            for (var left = 64; left > 0 && bits.Bits(8) != 0; left--)
            {
            }
        }
    }
}
