using System.ComponentModel;
using System.Diagnostics;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Ffmpeg.Nut;
using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest.Recording;

/// <summary>The short-lived ffmpeg that makes a recording of pieces: it dies with us like all children, and its exit is always
/// awaited.</summary>
internal static class RecordingJoin
{
    /// <summary>Copying a minute takes a fraction of a second; a disk that takes longer than this has other troubles.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <param name="pieces">Paths, oldest first: one NUT after the other, whose headers ffmpeg passes over but for the first.</param>
    /// <returns>What went wrong; null if nothing did.</returns>
    public static async Task<string?> RunAsync(
        FfmpegTool tool, IReadOnlyList<string> pieces, IReadOnlyList<string> arguments, TimeProvider time, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        try
        {
            using var process = ChildProcesses.Start(new ProcessStartInfo(tool.Path, arguments)
            {
                RedirectStandardError = true,
                RedirectStandardInput = true,
            });
            ChildProcesses.Started();
            var tail = new StderrTail(keep: 10);
            var drained = tail.DrainAsync(process.StandardError.BaseStream);
            var fed = Task.Factory.StartNew(
                () => Feed(process.StandardInput.BaseStream, pieces), CancellationToken.None, TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
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
            var unread = await fed;
            process.StandardError.Dispose();
            cancel.ThrowIfCancellationRequested();
            return limit.IsCancellationRequested ? $"not ready after {Limit.TotalSeconds} s"
                : process.ExitCode != 0 ? tail.Lines is [.., var last] ? last : $"ffmpeg ended with {process.ExitCode}"
                : unread;
        }
        catch (Exception broken) when (broken is Win32Exception or SourceException)
        {
            return broken.Message;
        }
    }

    // On a thread of its own: it waits for ffmpeg, which waits for the disk.
    private static string? Feed(Stream to, IReadOnlyList<string> pieces)
    {
        try
        {
            using (to)
            {
                foreach (var (i, path) in pieces.Index())
                {
                    using var piece = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
                    piece.Position = i == 0 ? 0 : NutStartCodes.FileId.Length; // headers may come again, the file's name may not
                    piece.CopyTo(to, 256 * 1024);
                }
            }

            return null;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            return failed.Message; // ffmpeg is gone, and its exit says why; or a piece is
        }
    }
}
