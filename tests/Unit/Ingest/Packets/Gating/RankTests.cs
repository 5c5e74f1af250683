using ActionStream.Ingest.Packets.Gating;

namespace ActionStream.Unit.Ingest.Packets.Gating;

/// <summary>Values by their place, beside sorting them all.</summary>
public sealed class RankTests
{
    [Theory]
    [InlineData(1, 1000)]
    [InlineData(2, 1000)]
    [InlineData(7, 3)]
    [InlineData(784, 1000)]
    [InlineData(784, 2)]
    [InlineData(784, 1)]
    public void A_value_is_found_where_sorting_would_put_it(int count, int kinds)
    {
        var random = new Random(count + kinds);
        var values = Enumerable.Range(0, count).Select(_ => (float)random.Next(kinds) / 7).ToArray();
        var sorted = values.Order().ToArray();

        for (var place = 0; place < count; place += Math.Max(1, count / 50))
        {
            var taken = values.ToArray();
            Assert.Equal(sorted[place], Rank.Of(taken, place));
            Assert.All(taken[..place], before => Assert.True(before <= sorted[place]));
            Assert.Equal(sorted, taken.Order());
        }
    }

    [Fact]
    public void The_rest_behind_a_place_can_be_asked_again()
    {
        var values = Enumerable.Range(0, 784).Select(i => (float)(i * 311 % 784)).ToArray();

        Assert.Equal(392, Rank.Of(values, 392));
        Assert.Equal(705, Rank.Of(values.AsSpan(392), 705 - 392));
    }
}
