namespace ActionStream.Core.Media;

/// <summary>Width and height of a frame in pixels; three bytes (R, G, B) make one pixel everywhere in the pipeline.</summary>
public readonly record struct FrameSize(int Width, int Height)
{
    public const int Channels = 3;

    /// <summary>Bytes of one rgb24 frame.</summary>
    public int Bytes => Width * Height * Channels;

    public override string ToString() => $"{Width}x{Height}";
}
