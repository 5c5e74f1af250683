using ActionStream.Bench.Gpu;

namespace ActionStream.Unit.Bench.Gpu;

public sealed class GpuFiguresTests
{
    [Theory]
    [InlineData(2, 10, 12, 0)] // copy, compute, copy, compute: one after the other
    [InlineData(2, 10, 10, 1)] // the whole copy behind the computing
    [InlineData(2, 10, 11, 0.5)]
    [InlineData(10, 2, 11, 0.5)] // whichever is shorter is what can be hidden
    [InlineData(2, 10, 6, 1)] // two workers fill gaps of each other besides
    [InlineData(2, 10, 15, 0)] // and can be in each other's way
    [InlineData(0, 10, 10, 0)] // nothing to hide
    public void Overlap_is_the_share_of_the_shorter_that_the_longer_hides(double copy, double compute, double together, double share) =>
        Assert.Equal(share, GpuFigures.Overlap(copy, compute, together), 9);

    [Fact]
    public void A_multiply_accumulate_counts_as_two_operations()
    {
        Assert.Equal(0.5, GpuFigures.Teraflops(macs: 1e9, perSecond: 250), 9);
        Assert.Equal(GpuFigures.Teraflops(Math.Pow(8192, 3), 1), 2 * Math.Pow(8192, 3) / 1e12, 9); // as the roofline counts: 2·n³
    }

    [Fact]
    public void A_decision_waits_for_its_tubelet_and_its_head_and_a_camera_makes_four_a_second()
    {
        Assert.Equal(800, GpuFigures.Decisions(tubeletsPerS: 1000, headsPerS: 4000), 9);
        Assert.Equal(200, GpuFigures.Cameras(800));
        Assert.Equal(199, GpuFigures.Cameras(799.9)); // a camera that gets less than it needs is none
        Assert.Equal(0, GpuFigures.Cameras(3.9));
    }

    [Fact]
    public void Answers_are_compared_clip_by_clip()
    {
        float[] expected = [1, 2, 3, 0, 0, 5];
        float[] actual = [1, 2.5f, 3, 0, 6, 5];

        var (logit, probability, top1) = GpuFigures.Difference(expected, actual, classes: 3);

        Assert.Equal(6, logit);
        var right = Math.Exp(5) / (2 + Math.Exp(5));
        var wrong = Math.Exp(5) / (1 + Math.Exp(5) + Math.Exp(6));
        Assert.Equal(Math.Max(right - wrong, (Math.Exp(6) / (1 + Math.Exp(5) + Math.Exp(6))) - (1 / (2 + Math.Exp(5)))), probability, 9);
        Assert.Equal(0.5, top1); // the second clip's largest is another
        Assert.Equal((0, 0, 1), GpuFigures.Difference(expected, expected, classes: 3));
    }

    [Fact]
    public void What_is_no_number_is_not_lost_in_a_maximum()
    {
        var (logit, probability, _) = GpuFigures.Difference([1, 2, 3, 4], [1, float.NaN, 3, 4], classes: 2);

        Assert.True(double.IsNaN(logit) && double.IsNaN(probability), $"{logit} {probability}");
    }
}
