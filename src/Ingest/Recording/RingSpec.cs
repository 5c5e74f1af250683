using System.Buffers;

namespace ActionStream.Ingest.Recording;

/// <summary>Where the latest of every camera's stream is kept, and how much of it.</summary>
/// <param name="Folder">Of this service alone: what lies there is removed when it starts.</param>
/// <param name="Keep">Of each camera, in the stream's own time.</param>
/// <param name="Bytes">Of each camera.</param>
public sealed record RingSpec(string Folder, TimeSpan Keep, long Bytes)
{
    /// <summary>Letters that ffmpeg would take for something else in the name of an output.</summary>
    private static readonly SearchValues<char> Special = SearchValues.Create("'\\|[]%:,");

    /// <summary>Names in a connection's folder.</summary>
    internal const string List = "list.csv";

    /// <summary>Pieces are cut at the first key frame after this.</summary>
    internal static readonly TimeSpan Piece = TimeSpan.FromSeconds(1);

    /// <summary>Names are used again after so many pieces: ffmpeg cannot fill a disk even where nobody removes what is old.</summary>
    internal int MostPieces => (int)Math.Ceiling(Keep / Piece) + 10;

    /// <summary>True for a folder that can be told to ffmpeg.</summary>
    public static bool IsUsable(string folder) => folder.AsSpan().IndexOfAny(Special) < 0;
}
