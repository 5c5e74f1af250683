using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest.Ffmpeg;

/// <summary>Starts children, so that a source can be tried without any.</summary>
public interface IFfmpegLauncher
{
    /// <param name="memory">Most bytes it may have for itself; null for no limit.</param>
    /// <exception cref="SourceException">ffmpeg could not be started.</exception>
    IFfmpegChild Start(FfmpegTool tool, FfmpegCommand command, long? memory = null);
}
