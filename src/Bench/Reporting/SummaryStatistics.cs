namespace ActionStream.Bench.Reporting;

/// <summary>Several runs of one thing. The median is what counts: others may be using the machine.</summary>
internal readonly record struct SummaryStatistics(double Median, double Min, double Max)
{
    public static SummaryStatistics Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return new((sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2, sorted[0], sorted[^1]);
    }

    public SummaryStatistics Rounded(int digits) => new(Math.Round(Median, digits), Math.Round(Min, digits), Math.Round(Max, digits));
}
