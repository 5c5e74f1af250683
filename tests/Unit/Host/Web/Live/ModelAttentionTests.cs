using ActionStream.Host.Web.Live;

namespace ActionStream.Unit.Host.Web.Live;

public sealed class ModelAttentionTests
{
    [Fact]
    public void Each_map_is_scaled_to_its_own_largest_and_zero_stays_dark() =>
        Assert.Equal(
            [0, 255, 128, 64, 255, 255, 255, 255, 0, 0, 0, 0],
            ModelAttention.InBytes([0f, 0.4f, 0.2f, 0.1f, 0.25f, 0.25f, 0.25f, 0.25f, 0, 0, 0, 0], 4));
}
