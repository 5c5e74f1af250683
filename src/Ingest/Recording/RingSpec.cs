namespace ActionStream.Ingest.Recording;

/// <summary>Where the latest of every camera's stream is kept, and how much of it.</summary>
/// <param name="Folder">Of this service alone: what lies there is removed when it starts.</param>
/// <param name="Keep">Of each camera, in the stream's own time.</param>
/// <param name="Bytes">Of each camera.</param>
public sealed record RingSpec(string Folder, TimeSpan Keep, long Bytes)
{
    /// <summary>Pieces are cut at the first key picture after this.</summary>
    internal static readonly TimeSpan Piece = TimeSpan.FromSeconds(1);
}
