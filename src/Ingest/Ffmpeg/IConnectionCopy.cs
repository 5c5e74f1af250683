namespace ActionStream.Ingest.Ffmpeg;

/// <summary>The copy of one connection. Disposing tells that no more of it will come.</summary>
public interface IConnectionCopy : IDisposable
{
    /// <summary>The child's output for it, beside that for frames.</summary>
    IReadOnlyList<string> Output { get; }

    /// <summary>The first frame is there.</summary>
    /// <returns>False if this stream cannot be copied, and should be opened again without.</returns>
    bool Begins(TimeSpan first, IFfmpegChild run);
}
