using ActionStream.Core.Media;

namespace ActionStream.Ingest.Ffmpeg.Nut;

/// <summary>The header of the one video stream, as it stands in the file.</summary>
internal sealed record NutStreamHeader(
    uint FourCc, FrameSize Size, int DecodeDelay, byte[] ExtraData, (uint Num, uint Den) TimeBase, int MsbShift,
    (uint Width, uint Height) PixelAspect, int ColourSpace)
{
    private const int MaxSide = 1 << 20;

    /// <param name="end">Where the packet ends, with its checksum.</param>
    public static NutStreamHeader Read(ByteSource bytes, NutMainHeader main, long end)
    {
        var (id, kind) = (bytes.ReadInt(), bytes.ReadInt());
        if (id != 0 || kind != 0)
        {
            throw new NutException($"stream {id} of class {kind}; expected one video stream");
        }

        uint fourCc = 0;
        for (var (i, letters) = (0, bytes.ReadInt(4)); i < letters; i++)
        {
            fourCc |= (uint)bytes.ReadByte() << (8 * i);
        }

        var timeBase = main.TimeBases[bytes.ReadInt(main.TimeBases.Count - 1)];
        var msbShift = bytes.ReadInt(62);
        bytes.ReadNumber(); // max_pts_distance
        var delay = bytes.ReadInt(1000);
        bytes.ReadNumber(); // flags
        var extraData = new byte[bytes.ReadInt((int)Math.Max(0, end - bytes.Position))];
        bytes.ReadExactly(extraData);
        var size = new FrameSize(bytes.ReadInt(MaxSide), bytes.ReadInt(MaxSide));
        var aspect = ((uint)bytes.ReadInt(), (uint)bytes.ReadInt());
        return new(fourCc, size, delay, extraData, timeBase, msbShift, aspect, bytes.ReadInt());
    }

    /// <summary>The time of a frame, which the file has in units of its own.</summary>
    /// <exception cref="NutException">No time that anything could have.</exception>
    public TimeSpan ToTime(long units)
    {
        var scaled = (Int128)units * TimeBase.Num * TimeSpan.TicksPerSecond;
        var half = (Int128)(TimeBase.Den / 2);
        return TimeSpan.FromTicks(NutTime.Bounded((scaled + (scaled < 0 ? -half : half)) / TimeBase.Den));
    }
}
