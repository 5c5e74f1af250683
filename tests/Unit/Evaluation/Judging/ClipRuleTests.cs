using ActionStream.Evaluation.Judging;

namespace ActionStream.Unit.Evaluation.Judging;

public sealed class ClipRuleTests
{
    private static readonly WindowScores[] Windows = [.. Enumerable.Range(1, 6).Select(i => new WindowScores(i, [i / 10f, 1 - (i / 10f)]))];

    [Fact]
    public void Without_segments_all_windows_speak() => Assert.Equal(Windows, ClipRule.Choose(Windows, []));

    [Theory]
    [InlineData(1.5, 3.5, new double[] { 2, 3 })]
    [InlineData(2, 4, new double[] { 2, 3 })] // the end is the next segment's
    [InlineData(0, 99, new double[] { 1, 2, 3, 4, 5, 6 })]
    [InlineData(0, 0.8, new double[] { 1 })] // none lies inside: the nearest
    [InlineData(4.1, 4.3, new double[] { 4 })]
    [InlineData(4.6, 4.7, new double[] { 5 })]
    [InlineData(80, 90, new double[] { 6 })]
    public void The_windows_whose_centre_lies_inside_speak_or_the_nearest(double start, double end, double[] centres) =>
        Assert.Equal(centres, ClipRule.Choose(Windows, [new("walk", start, end)]).Select(window => window.Centre));

    [Fact]
    public void Of_several_segments_each_adds_its_windows_once() => Assert.Equal(
        [1, 2, 5],
        ClipRule.Choose(Windows, [new("walk", 0, 2.5), new("walk", 1.5, 2.2), new("walk", 4.5, 5.5)]).Select(window => window.Centre));

    [Fact]
    public void A_clip_scores_the_mean_of_its_windows()
    {
        var mean = ClipRule.Mean(Windows[..3]);
        Assert.Equal(0.2, mean[0], 6);
        Assert.Equal(0.8, mean[1], 6);
    }
}
