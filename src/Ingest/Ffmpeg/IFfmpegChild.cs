namespace ActionStream.Ingest.Ffmpeg;

/// <summary>One child at work. Disposing ends it, whatever state it is in, and returns when it is gone.</summary>
public interface IFfmpegChild : IAsyncDisposable
{
    /// <summary>What it writes to its output, to be read synchronously; ends when the child does.</summary>
    Stream Output { get; }

    /// <summary>Its standard input, to be written synchronously; closing it ends what it is told.
    /// Null where the command takes none.</summary>
    Stream? Input => null;

    /// <summary>Its last lines on standard error, credentials removed.</summary>
    IReadOnlyList<string> Lines { get; }

    /// <summary>All lines it ever wrote there.</summary>
    long LineCount { get; }

    /// <summary>Of these, the ones that tell of a damaged frame.</summary>
    long Complaints { get; }

    /// <summary>Packets that came before any was decoded: the first few, where the command asks for them.</summary>
    int Packets { get; }

    /// <summary>Presentation time of the first frame of another size or pixel format, where the command asks for it; null before.</summary>
    TimeSpan? FormatChangedAt { get; }

    /// <summary>Its exit code, once it has ended and been reaped; above 128 where a signal ended it.</summary>
    Task<int> Exited { get; }

    /// <summary>Asks it to end, and ends it if it does not within the grace. Never throws.</summary>
    void Kill();
}
