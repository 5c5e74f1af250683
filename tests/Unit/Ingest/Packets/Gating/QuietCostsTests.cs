using ActionStream.Ingest.Packets;
using ActionStream.Ingest.Packets.Gating;

namespace ActionStream.Unit.Ingest.Packets.Gating;

/// <summary>What quiet pictures cost, by how coarsely they are coded.</summary>
public sealed class QuietCostsTests
{
    private const int Predicted = 3;

    private static QuietCosts Known(params (int Quantiser, double Cost)[] pictures)
    {
        var costs = new QuietCosts();
        foreach (var (quantiser, cost) in pictures.SelectMany(picture => Enumerable.Repeat(picture, 16)))
        {
            costs.Add(Predicted, quantiser, cost);
        }

        return costs;
    }

    [Fact]
    public void Pictures_are_held_against_those_as_coarse_as_they_are()
    {
        var costs = Known((12, 400), (22, 90), (30, 5));
        Assert.Equal([400.0, 90, 5], [costs.Of(Predicted, 12)!.Value, costs.Of(Predicted, 22)!.Value, costs.Of(Predicted, 30)!.Value]);
        Assert.Equal(22, costs.Quantiser);
    }

    [Theory]
    [InlineData(18, 400)] // between two that are known: as the finer, which never costs less
    [InlineData(29, 5)] // a neighbour is alike
    [InlineData(50, 5)] // coarser than any
    [InlineData(0, 400)] // finer than any
    public void A_quantiser_not_seen_yet_is_taken_for_the_next_finer_one(int quantiser, double cost) =>
        Assert.Equal(cost, Known((12, 400), (30, 5)).Of(Predicted, quantiser));

    [Fact]
    public void A_few_odd_ones_have_no_middle_of_their_own()
    {
        var costs = Known((22, 90));
        costs.Add(Predicted, 34, 3000);
        Assert.Equal(90, costs.Of(Predicted, 34));
    }

    [Fact]
    public void Where_nothing_was_seen_nothing_is_known()
    {
        Assert.Null(new QuietCosts().Of(Predicted, 20));
        Assert.Null(Known((22, 90)).Of(0, 22));
        Assert.Equal(90, Known((22, 90)).Of(1, 22)); // of its type
    }

    [Fact]
    public void Motion_costs_less_the_finer_a_coder_is_and_more_the_coarser()
    {
        Assert.Equal(1, CodingCost.OfMotion(VideoCodec.H264, 28), 6);
        Assert.InRange(CodingCost.OfMotion(VideoCodec.H264, 10), 0.2, 0.4);
        Assert.InRange(CodingCost.OfMotion(VideoCodec.H265, 36), 1.2, 2);
        Assert.Equal(CodingCost.OfMotion(VideoCodec.H264, 16), CodingCost.OfMotion(VideoCodec.Mpeg4, 2), 2);
        Assert.All(Enumerable.Range(0, CodingCost.Quantisers - 1), quantiser => Assert.True(
            CodingCost.OfMotion(VideoCodec.H264, quantiser + 1) >= CodingCost.OfMotion(VideoCodec.H264, quantiser)));
    }
}
