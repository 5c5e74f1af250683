using System.ComponentModel;
using System.Diagnostics;
using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest.Ffmpeg;

/// <summary>Starts long-lived ffmpeg children on pipes of our own: nothing of them lies in a folder that others clean up.</summary>
public sealed class FfmpegLauncher(TimeProvider time)
{
    /// <param name="gate">The proxy that it is to use; null for none.</param>
    /// <exception cref="SourceException">ffmpeg could not be started.</exception>
    public IFfmpegChild Start(FfmpegTool tool, FfmpegCommand command, HttpGate? gate = null)
    {
        var start = new ProcessStartInfo(tool.Path, command.Line)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        Use(gate, start);
        try
        {
            return new FfmpegChild(ChildProcesses.Start(start), time, command.Script);
        }
        catch (Win32Exception broken)
        {
            throw new SourceException(SourceFault.NoFfmpeg, $"ffmpeg at {tool.Path} does not start: {broken.Message}", broken);
        }
    }

    /// <summary>Makes a program of ffmpeg's family reach HTTP through the gate, whatever opens it: also redirects and playlists.</summary>
    internal static void Use(HttpGate? gate, ProcessStartInfo start)
    {
        if (gate is not null)
        {
            start.Environment["http_proxy"] = gate.Proxy;
            start.Environment.Remove("no_proxy");
        }
    }
}
