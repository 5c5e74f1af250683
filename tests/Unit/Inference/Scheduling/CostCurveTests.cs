using ActionStream.Inference.Scheduling;

namespace ActionStream.Unit.Inference.Scheduling;

public sealed class CostCurveTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 10)]
    [InlineData(2, 15)]
    [InlineData(3, 25)] // filled up to four
    [InlineData(4, 25)]
    [InlineData(5, 35)] // a run of four and one of one
    [InlineData(11, 75)]
    public void Rows_cost_as_many_runs_as_they_take_each_filled_up(int rows, int ms) =>
        Assert.Equal(ms, Curve().Of(rows).TotalMilliseconds, 6);

    [Fact]
    public void It_follows_a_machine_that_grows_slower_and_forgives_one_bad_run()
    {
        var curve = Curve();
        curve.Observe(1, Ms(110));
        Assert.Equal(20, curve.Of(1).TotalMilliseconds, 6);
        Assert.Equal(15, curve.Of(2).TotalMilliseconds, 6);

        for (var i = 0; i < 60; i++)
        {
            curve.Observe(2, Ms(30));
        }

        Assert.InRange(curve.Of(2).TotalMilliseconds, 29.9, 30);
    }

    [Fact]
    public void Work_in_two_parts_is_summed()
    {
        var costs = new ModelCosts(new([1, 2], [Ms(2), Ms(3)]), new([1], [Ms(7)]));
        Assert.Equal(3 + 21, costs.Of(new ClipWork(2, 2) + new ClipWork(0, 1)).TotalMilliseconds, 6);
        Assert.True(costs.KeepsTokens);
    }

    private static CostCurve Curve() => new([1, 2, 4], [Ms(10), Ms(15), Ms(25)]);

    private static TimeSpan Ms(double ms) => TimeSpan.FromMilliseconds(ms);
}
