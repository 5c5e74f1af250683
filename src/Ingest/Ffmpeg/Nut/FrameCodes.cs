namespace ActionStream.Ingest.Ffmpeg.Nut;

/// <summary>What a frame's first byte says about what follows it.</summary>
[Flags]
internal enum FrameFlags
{
    None = 0,
    Key = 1 << 0,
    EndOfRelevance = 1 << 1,
    CodedTime = 1 << 3,
    StreamId = 1 << 4,
    SizeMsb = 1 << 5,
    Checksum = 1 << 6,
    Reserved = 1 << 7,
    SideData = 1 << 8,
    HeaderIndex = 1 << 10,
    MatchTime = 1 << 11,
    Coded = 1 << 12,
    Invalid = 1 << 13,
}

/// <summary>One row of the main header's table.</summary>
internal readonly record struct FrameCode(
    FrameFlags Flags, long TimeDelta, int Stream, int SizeMul, int SizeLsb, int ReservedCount, int HeaderIndex);

/// <summary>The main header: the time bases, the 256 meanings of a frame's first byte, and the bytes that many frames begin with and
/// leave out.</summary>
internal sealed record NutMainHeader(IReadOnlyList<(uint Num, uint Den)> TimeBases, FrameCode[] Codes, byte[][] Elided)
{
    private const int MaxTimeBases = 16;
    private const int MaxElided = 128;

    public static NutMainHeader Read(ByteSource bytes)
    {
        var version = bytes.ReadInt();
        if (version is < 2 or > 4)
        {
            throw new NutException($"NUT version {version} is unknown");
        }

        if (version > 3)
        {
            bytes.ReadNumber(); // minor version
        }

        var streams = bytes.ReadInt();
        if (streams != 1)
        {
            throw new NutException($"{streams} streams, where one was asked for");
        }

        bytes.ReadNumber(); // max_distance
        var timeBases = ReadTimeBases(bytes);
        var codes = ReadCodes(bytes);
        return new(timeBases, codes, ReadElision(bytes));
    }

    private static (uint, uint)[] ReadTimeBases(ByteSource bytes)
    {
        var count = bytes.ReadInt(MaxTimeBases);
        if (count == 0)
        {
            throw new NutException("no time base");
        }

        var timeBases = new (uint, uint)[count];
        for (var i = 0; i < count; i++)
        {
            var (num, den) = ((uint)bytes.ReadInt(), (uint)bytes.ReadInt());
            timeBases[i] = num > 0 && den > 0 ? (num, den) : throw new NutException("a time base of zero");
        }

        return timeBases;
    }

    private static FrameCode[] ReadCodes(ByteSource bytes)
    {
        var codes = new FrameCode[256];
        long timeDelta = 0;
        var (mul, stream, headerIndex) = (1, 0, 0);
        for (var i = 0; i < 256;)
        {
            var flags = (FrameFlags)bytes.ReadInt(0xFFFF);
            var fields = bytes.ReadInt(64);
            timeDelta = fields > 0 ? bytes.ReadSigned() : timeDelta;
            mul = fields > 1 ? bytes.ReadInt(1 << 24) : mul;
            stream = fields > 2 ? bytes.ReadInt() : stream;
            var lsb = fields > 3 ? bytes.ReadInt(1 << 24) : 0;
            var reserved = fields > 4 ? bytes.ReadInt(256) : 0;
            var count = fields > 5 ? bytes.ReadInt(256) : mul - lsb;
            if (fields > 6)
            {
                bytes.ReadSigned(); // match time
            }

            headerIndex = fields > 7 ? bytes.ReadInt(MaxElided - 1) : headerIndex;
            for (var skipped = 8; skipped < fields; skipped++)
            {
                bytes.ReadNumber();
            }

            if (count <= 0 || count > 256 - i - (i <= 'N' ? 1 : 0))
            {
                throw new NutException("the table of frame codes does not add up");
            }

            for (var j = 0; j < count && i < 256; i++)
            {
                // 'N' begins a start code and can begin no frame.
                codes[i] = i == 'N'
                    ? new(FrameFlags.Invalid, 0, 0, 1, 0, 0, 0)
                    : new(flags, timeDelta, stream, mul, lsb + j, reserved, headerIndex);
                j += i == 'N' ? 0 : 1;
            }

            i += i == 'N' ? 1 : 0; // an 'N' between two runs belongs to neither
        }

        codes['N'] = new(FrameFlags.Invalid, 0, 0, 1, 0, 0, 0);
        return codes;
    }

    private static byte[][] ReadElision(ByteSource bytes)
    {
        var count = bytes.ReadInt(MaxElided - 1);
        var elided = new byte[count + 1][];
        elided[0] = [];
        for (var i = 1; i <= count; i++)
        {
            elided[i] = new byte[bytes.ReadInt(255)];
            bytes.ReadExactly(elided[i]);
        }

        return elided;
    }
}
