using System.ComponentModel;
using System.Diagnostics;
using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest.Ffmpeg;

/// <summary>Starts long-lived ffmpeg children on pipes of our own: nothing of them lies in a folder that others clean up.</summary>
public sealed class FfmpegLauncher(TimeProvider time)
{
    /// <param name="memory">Most bytes it may have for itself; null for no limit.</param>
    /// <exception cref="SourceException">ffmpeg could not be started.</exception>
    public IFfmpegChild Start(FfmpegTool tool, FfmpegCommand command, long? memory = null)
    {
        try
        {
            return new FfmpegChild(
                ChildProcesses.Start(new ProcessStartInfo(tool.Path, command.Line)
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                    RedirectStandardInput = true,
                }, memory),
                time);
        }
        catch (Win32Exception broken)
        {
            throw new SourceException(SourceFault.NoFfmpeg, $"ffmpeg at {tool.Path} does not start: {broken.Message}", broken);
        }
    }
}
