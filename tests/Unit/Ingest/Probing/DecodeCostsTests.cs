using ActionStream.Ingest.Probing;

namespace ActionStream.Unit.Ingest.Probing;

public sealed class DecodeCostsTests
{
    private readonly DecodeCosts _costs = new(1, CostBasis.Table);

    [Fact]
    public void A_720p25_of_3_megabits_is_about_a_twentieth_of_a_core() =>
        Assert.InRange(_costs.Of("h264", new(1280, 720), 25, 3_000_000).ShareOfCore, 0.04, 0.07);

    [Fact]
    public void Pixels_and_bits_both_cost()
    {
        var main = _costs.Of("h264", new(1280, 720), 25, 3_000_000).ShareOfCore;
        Assert.True(_costs.Of("h264", new(640, 360), 25, 3_000_000).ShareOfCore < main);
        Assert.True(_costs.Of("h264", new(1280, 720), 25, 1_000_000).ShareOfCore < main);
        Assert.True(_costs.Of("h264", new(1280, 720), 10, 3_000_000).ShareOfCore < main);
    }

    [Fact]
    public void A_slower_machine_pays_more_and_an_unknown_codec_is_taken_for_the_usual_one()
    {
        var (size, here) = (new ActionStream.Core.Media.FrameSize(640, 360), new DecodeCosts(2, CostBasis.Machine));
        Assert.Equal(2 * _costs.Of("h264", size, 15, null).ShareOfCore, here.Of("av9", size, 15, null).ShareOfCore, 1e-9);
        Assert.Equal(CostBasis.Machine, here.Of("h264", size, 15, null).Basis);
    }
}
