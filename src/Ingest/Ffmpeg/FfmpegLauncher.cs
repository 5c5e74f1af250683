using System.ComponentModel;
using System.Diagnostics;
using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest.Ffmpeg;

/// <summary>Starts long-lived ffmpeg children on pipes of our own: nothing of them lies in a folder that others clean up.</summary>
public sealed class FfmpegLauncher(TimeProvider time) : IFfmpegLauncher
{
    /// <inheritdoc />
    public IFfmpegChild Start(FfmpegTool tool, FfmpegCommand command, long? memory = null)
    {
        var start = new ProcessStartInfo(tool.Path, command.Line)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        UseProxy(start, command.HttpProxy);
        try
        {
            return new FfmpegChild(ChildProcesses.Start(start, memory), time, command.Script, command.TakesInput);
        }
        catch (Win32Exception broken)
        {
            throw new SourceException(SourceFault.NoFfmpeg, $"ffmpeg at {tool.Path} does not start: {broken.Message}", broken);
        }
    }

    /// <summary>In the environment, because ffmpeg hands its options on to a playlist, and not to what that names.</summary>
    internal static void UseProxy(ProcessStartInfo start, string? proxy)
    {
        if (proxy is not null)
        {
            start.Environment[SiteProxy.Variable] = proxy;
            start.Environment.Remove("no_proxy");
        }
    }
}
