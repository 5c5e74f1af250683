namespace ActionStream.EndToEnd.Measurements.Soak;

/// <summary>A soak is as good as its slopes.</summary>
public sealed class TrendTests
{
    [Fact]
    public void A_leak_shows_through_what_wavers() =>
        Assert.InRange(Line(hour => 100 + 12 * hour + 3 * Math.Sin(hour * 300)).PerHour, 11.5, 12.5);

    [Fact]
    public void What_grows_more_than_it_may_is_not_flat()
    {
        var leak = Line(hour => 12 * hour);
        Assert.True(leak.IsFlat(perHour: 12.01, once: 0));
        Assert.False(leak.IsFlat(perHour: 8, once: 3));
        Assert.True(leak.IsFlat(perHour: 8, once: 5));
    }

    private static Trend Line(Func<double, double> value) =>
        new("line", "", Enumerable.Range(0, 240).Select(i => (i / 239.0, value(i / 239.0))));
}
