using System.ComponentModel;
using System.Diagnostics;
using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest.Ffmpeg;

/// <summary>Starts long-lived ffmpeg children on pipes of our own: nothing of them lies in a folder that others clean up.</summary>
public sealed class FfmpegLauncher(TimeProvider time) : IFfmpegLauncher
{
    /// <inheritdoc />
    public IFfmpegChild Start(FfmpegTool tool, FfmpegCommand command)
    {
        try
        {
            return new FfmpegChild(
                ChildProcesses.Start(new ProcessStartInfo(tool.Path, command.Line)
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                    RedirectStandardInput = true,
                }),
                time);
        }
        catch (Win32Exception broken)
        {
            throw new SourceException(SourceFault.NoFfmpeg, $"ffmpeg at {tool.Path} does not start: {broken.Message}", broken);
        }
    }
}
