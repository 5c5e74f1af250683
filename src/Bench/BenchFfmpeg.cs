using System.Diagnostics;
using ActionStream.Bench.Reporting;
using ActionStream.Host;
using ActionStream.Host.Configuration;
using ActionStream.Ingest.Ffmpeg;

namespace ActionStream.Bench;

/// <summary>Runs ffmpeg to its end, to make what a measurement looks at.</summary>
internal static class BenchFfmpeg
{
    /// <summary>The demo's clip, of which the videos are made.</summary>
    public static string Clip => ModelFolder.Packaged("configs/demo/clip.mp4", File.Exists)
        ?? throw new UsageException("configs/demo/clip.mp4, the demo's clip, was not found beside the program");

    public static async Task RunAsync(FfmpegTool ffmpeg, IEnumerable<string> arguments, CancellationToken cancel)
    {
        using var child = ChildProcesses.Start(
            new ProcessStartInfo(ffmpeg.Path, ["-nostdin", "-v", "error", "-y", .. arguments]) { RedirectStandardError = true });
        try
        {
            var errors = await child.StandardError.ReadToEndAsync(cancel);
            await child.WaitForExitAsync(cancel);
            if (child.ExitCode != 0)
            {
                throw new BenchException($"ffmpeg could not make the measurement's video: {errors.Trim()}");
            }
        }
        finally
        {
            child.Kill();
            await child.WaitForExitAsync(CancellationToken.None);
        }
    }
}
