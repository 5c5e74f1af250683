namespace ActionStream.Core.Media;

/// <summary>The part of a camera's frame that the model sees, in shares of the whole frame, so that places
/// in one are found in the other.</summary>
/// <remarks>It reaches beyond the frame where that is padded.</remarks>
public readonly record struct FrameArea(double X, double Y, double Width, double Height)
{
    public static FrameArea Whole { get; } = new(0, 0, 1, 1);

    /// <summary>What is left of this part, or what is added to it, when it is made the model's square.</summary>
    /// <param name="aspect">Width by height of the whole frame, as it is shown.</param>
    public FrameArea Fitted(Fit fit, FrameSize model, double aspect)
    {
        // Above 1: wider than the model's.
        var wide = aspect * Width / Height * model.Height / model.Width;
        return fit switch
        {
            Fit.Crop => wide > 1 ? Scaled(1 / wide, 1) : Scaled(1, wide),
            Fit.Pad => wide > 1 ? Scaled(1, wide) : Scaled(1 / wide, 1),
            _ => this,
        };
    }

    private FrameArea Scaled(double across, double down) =>
        new(X + (Width * (1 - across) / 2), Y + (Height * (1 - down) / 2), Width * across, Height * down);
}
