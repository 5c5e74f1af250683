using ActionStream.Bench.Reporting;

namespace ActionStream.Unit.Bench.Reporting;

public sealed class PairedRunsTests
{
    [Fact]
    public async Task Floor_and_ours_take_turns_in_going_first_and_each_ratio_is_of_one_pair()
    {
        var order = "";
        double[] floors = [10, 20, 10, 40, 10];
        double[] ours = [11, 24, 10, 44, 13];
        var (floor, own) = (0, 0);

        var result = await PairedRuns.RunAsync(
            5,
            () => { order += "f"; return Task.FromResult(floors[floor++]); },
            () => { order += "o"; return Task.FromResult(ours[own++]); });

        Assert.Equal("fooffooffo", order);
        Assert.Equal(new SummaryStatistics(10, 10, 40), result.Floor);
        Assert.Equal(new SummaryStatistics(13, 10, 44), result.Ours);
        Assert.Equal(new SummaryStatistics(1.1, 1.0, 1.3), result.Ratio);
    }

    [Fact]
    public void The_median_of_an_even_number_lies_between_the_two_in_the_middle() =>
        Assert.Equal(new SummaryStatistics(2.5, 1, 9), SummaryStatistics.Of([3, 9, 1, 2]));
}
