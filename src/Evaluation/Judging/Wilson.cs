namespace ActionStream.Evaluation.Judging;

/// <summary>Wilson's interval of a share: what few clips can say about many. It stays within 0 to 1, and
/// is right for shares near 1 too.</summary>
internal static class Wilson
{
    private const double Z = 1.959963984540054; // 95 %

    /// <summary>[low, high]; null of nothing.</summary>
    public static double[]? Interval(long good, long all)
    {
        if (all == 0)
        {
            return null;
        }

        var (share, z2) = ((double)good / all, Z * Z);
        var centre = (share + z2 / (2 * all)) / (1 + z2 / all);
        var half = Z / (1 + z2 / all) * Math.Sqrt(share * (1 - share) / all + z2 / (4.0 * all * all));
        return [Math.Max(0, centre - half), Math.Min(1, centre + half)];
    }
}
