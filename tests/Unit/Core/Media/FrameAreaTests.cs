using ActionStream.Core.Media;
using ActionStream.Core.Modelling;

namespace ActionStream.Unit.Core.Media;

/// <summary>What ffmpeg's filters do to a picture, as far as places in it go.</summary>
public sealed class FrameAreaTests
{
    private static readonly FrameSize Square = new(112, 112);

    [Theory]
    [InlineData(Fit.Stretch, 16.0 / 9, 0, 0, 1, 1)]
    [InlineData(Fit.Crop, 2.0, 0.25, 0, 0.5, 1)] // twice as wide as high: the middle half is left
    [InlineData(Fit.Crop, 0.5, 0, 0.25, 1, 0.5)]
    [InlineData(Fit.Pad, 2.0, 0, -0.5, 1, 2)] // as much black as picture
    [InlineData(Fit.Pad, 0.5, -0.5, 0, 2, 1)]
    [InlineData(Fit.Crop, 1.0, 0, 0, 1, 1)]
    public void A_square_model_sees_this_of_a_picture(Fit fit, double aspect, double x, double y, double width, double height) =>
        Assert.Equal(new FrameArea(x, y, width, height), FrameArea.Whole.Fitted(fit, Square, aspect));

    [Fact]
    public void A_crop_is_cut_again_in_its_own_middle()
    {
        // The right half of a picture twice as wide as high is square.
        var right = new FrameArea(0.5, 0, 0.5, 1);
        Assert.Equal(right, right.Fitted(Fit.Crop, Square, 2));

        // Its upper half is as wide again as it is high.
        Assert.Equal(new(0.625, 0, 0.25, 0.5), new FrameArea(0.5, 0, 0.5, 0.5).Fitted(Fit.Crop, Square, 2));
        Assert.Equal(new(0.5, 0, 0.5, 0.5), new FrameArea(0.5, 0, 0.5, 0.5).Fitted(Fit.Crop, new(224, 112), 2));
    }
}
