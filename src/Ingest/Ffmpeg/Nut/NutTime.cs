namespace ActionStream.Ingest.Ffmpeg.Nut;

/// <summary>Sums of times that the input names, which may be anything.</summary>
internal static class NutTime
{
    /// <summary>Division that rounds down, also below 0.</summary>
    public static (Int128 Quotient, Int128 Remainder) DivRem(Int128 number, Int128 by)
    {
        var (quotient, remainder) = Int128.DivRem(number, by);
        return remainder < 0 ? (quotient - 1, remainder + by) : (quotient, remainder);
    }

    public static long Sum(long time, long delta) => Bounded((Int128)time + delta);

    /// <exception cref="NutException">No time that anything could have.</exception>
    public static long Bounded(Int128 time) =>
        Int128.Abs(time) < (long.MaxValue >> 8) ? (long)time : throw new NutException("a time out of range");

    /// <exception cref="NutException">No time that anything could have.</exception>
    public static long Bounded(UInt128 time) =>
        time < (long.MaxValue >> 8) ? (long)time : throw new NutException("a time out of range");
}
