using ActionStream.Evaluation.Judging;

namespace ActionStream.Unit.Evaluation.Judging;

public sealed class AucTests
{
    [Theory]
    [InlineData("0.9+ 0.8+ 0.2- 0.1-", 1)]
    [InlineData("0.9- 0.8- 0.2+ 0.1+", 0)]
    [InlineData("0.9+ 0.8- 0.7+ 0.6-", 0.75)]
    [InlineData("0.5+ 0.5-", 0.5)] // equal scores count half
    [InlineData("0.5+ 0.5- 0.5- 0.1- 0.9+", 5.0 / 6)]
    public void It_is_the_share_of_pairs_in_the_right_order(string scores, double expected) =>
        Assert.Equal(expected, Auc.Of(Read(scores))!.Value, 12);

    [Fact]
    public void It_equals_counting_every_pair()
    {
        var random = new Random(4);
        for (var round = 0; round < 50; round++)
        {
            var scores = Enumerable.Range(0, 40)
                .Select(_ => (Score: Math.Round(random.NextDouble(), 1), IsPositive: random.Next(3) == 0)).ToList();
            scores.AddRange([(0.3, true), (0.3, false)]);
            var pairs =
                from one in scores
                where one.IsPositive
                from other in scores
                where !other.IsPositive
                select one.Score.CompareTo(other.Score);
            Assert.Equal(pairs.Average(order => order > 0 ? 1 : order == 0 ? 0.5 : 0), Auc.Of(scores)!.Value, 12);
        }
    }

    [Theory]
    [InlineData("0.9+ 0.8+")]
    [InlineData("0.9-")]
    [InlineData("")]
    public void One_kind_alone_has_none(string scores) => Assert.Null(Auc.Of(Read(scores)));

    private static IEnumerable<(double, bool)> Read(string scores) => scores.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(one => (double.Parse(one[..^1], System.Globalization.CultureInfo.InvariantCulture), one[^1] == '+'));
}
