using ActionStream.Evaluation.Judging;

namespace ActionStream.Unit.Evaluation.Judging;

public sealed class WilsonTests
{
    // Published values: Newcombe 1998, Statistics in Medicine 17, table I, method 3 (score without continuity correction).
    [Theory]
    [InlineData(81, 263, 0.2553, 0.3662)]
    [InlineData(15, 148, 0.0624, 0.1605)]
    [InlineData(0, 20, 0, 0.1611)]
    [InlineData(1, 29, 0.0061, 0.1718)]
    public void It_is_the_score_interval(int good, int all, double low, double high)
    {
        var interval = Wilson.Interval(good, all)!;
        Assert.Equal(low, interval[0], 4);
        Assert.Equal(high, interval[1], 4);
    }

    [Fact]
    public void It_stays_within_0_and_1_and_is_as_wide_from_either_side()
    {
        for (var all = 1; all < 60; all++)
        {
            for (var good = 0; good <= all; good++)
            {
                var (interval, mirrored) = (Wilson.Interval(good, all)!, Wilson.Interval(all - good, all)!);
                Assert.InRange((double)good / all, interval[0] - 1e-12, interval[1] + 1e-12);
                Assert.True(interval[0] >= 0 && interval[1] <= 1, $"{good} of {all}");
                Assert.Equal(interval[0], 1 - mirrored[1], 9);
            }
        }
    }

    [Fact]
    public void Nothing_says_nothing() => Assert.Null(Wilson.Interval(0, 0));
}
