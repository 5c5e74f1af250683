namespace ActionStream.Core.Media;

/// <summary>What the window's frames really were: a rule may ask for 16 pictures where the camera sent 12.</summary>
/// <param name="Frames">Sampled frames in the clip.</param>
/// <param name="Held">Of these, slots the camera left empty and the frame before filled.</param>
/// <param name="LargestGap">Longest distance between two neighbouring source frames.</param>
public readonly record struct ClipQuality(int Frames, int Held, TimeSpan LargestGap)
{
    /// <summary>Share of slots with a frame of their own, 0 to 1.</summary>
    public double Score => Frames == 0 ? 0 : 1 - (double)Held / Frames;
}
