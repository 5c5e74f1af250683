using System.ComponentModel;
using System.Diagnostics;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest.Recording;

/// <summary>The short-lived ffmpeg that puts pieces together: it dies with us like all children, and its exit is always awaited.</summary>
internal static class RecordingJoin
{
    /// <summary>Copying a minute takes a fraction of a second; a disk that takes longer than this has other troubles.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <returns>What went wrong; null if nothing did.</returns>
    public static async Task<string?> RunAsync(
        FfmpegTool tool, string folder, IReadOnlyList<string> arguments, TimeProvider time, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        try
        {
            using var process = ChildProcesses.Start(new ProcessStartInfo(tool.Path, arguments)
            {
                WorkingDirectory = folder,
                RedirectStandardError = true,
                RedirectStandardInput = true,
            });
            ChildProcesses.Started();
            process.StandardInput.Close();
            var tail = new StderrTail(keep: 10);
            var drained = tail.DrainAsync(process.StandardError.BaseStream);
            try
            {
                await process.WaitForExitAsync(end.Token);
            }
            catch (OperationCanceledException)
            {
                ChildProcesses.Kill(process);
                await process.WaitForExitAsync(CancellationToken.None);
            }

            ChildProcesses.Exited();
            await drained;
            process.StandardError.Dispose();
            cancel.ThrowIfCancellationRequested();
            return limit.IsCancellationRequested ? $"not ready after {Limit.TotalSeconds} s"
                : process.ExitCode == 0 ? null
                : tail.Lines is [.., var last] ? last : $"ffmpeg ended with {process.ExitCode}";
        }
        catch (Exception broken) when (broken is Win32Exception or SourceException)
        {
            return broken.Message;
        }
    }
}
