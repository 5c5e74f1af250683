namespace ActionStream.Models.Networks;

/// <summary>What a build may change about a preset without making it another architecture.</summary>
/// <param name="Frames">T, frames of a clip.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Classes">K, labels.</param>
public sealed record Measures(int Frames, int Height, int Width, int Classes);
