namespace ActionStream.Bench.Quiet;

/// <summary>Whatever acts in a scene: it may be seen before it does.</summary>
internal interface IActor
{
    /// <summary>Frames from the beginning of the action to its end.</summary>
    int Frames { get; }

    /// <summary>Draws it into the scene.</summary>
    /// <param name="frame">Frames since the action began; negative before.</param>
    void Draw(YuvFrame scene, int frame);
}
