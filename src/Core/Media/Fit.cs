namespace ActionStream.Core.Media;

/// <summary>How the camera's frame becomes the model's square.</summary>
public enum Fit
{
    /// <summary>Scale until the frame covers the model's size, then cut the centre.</summary>
    Crop,

    /// <summary>Scale both sides to the model's size; the aspect ratio changes.</summary>
    Stretch,

    /// <summary>Scale until all of the frame is inside the model's size, fill the rest with black.</summary>
    Pad,
}
