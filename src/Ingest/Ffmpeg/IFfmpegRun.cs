namespace ActionStream.Ingest.Ffmpeg;

/// <summary>A command line in the three parts that both ways of starting ffmpeg need.</summary>
/// <param name="Before">Global and input options.</param>
/// <param name="Input">What comes after -i. May hold a password.</param>
/// <param name="After">Output options, without the output.</param>
public sealed record FfmpegCommand(IReadOnlyList<string> Before, string Input, IReadOnlyList<string> After);

/// <summary>One child at work. Disposing ends it, whatever state it is in, and returns when it is gone.</summary>
public interface IFfmpegRun : IAsyncDisposable
{
    /// <summary>What it writes to its output, to be read synchronously; ends when the child does.</summary>
    Stream Output { get; }

    /// <summary>Its last lines on standard error, credentials removed.</summary>
    IReadOnlyList<string> Lines { get; }

    /// <summary>All lines it ever wrote there.</summary>
    long LineCount { get; }

    /// <summary>Of these, the ones that tell of a damaged picture.</summary>
    long Complaints { get; }

    /// <summary>Its exit code, once it has ended and been reaped; above 128 where a signal ended it.</summary>
    Task<int> Exited { get; }

    /// <summary>Asks it to end, and ends it if it does not within the grace.</summary>
    void Kill();
}

/// <summary>Starts ffmpeg. The seam between the package sets: one implementation in each, the same tests for both.</summary>
public interface IFfmpegProvider
{
    /// <summary>What stands behind it.</summary>
    string Name { get; }

    /// <summary>The version of what stands behind it.</summary>
    string Version { get; }

    /// <exception cref="SourceException">ffmpeg could not be started.</exception>
    IFfmpegRun Start(FfmpegTool tool, FfmpegCommand command);
}
