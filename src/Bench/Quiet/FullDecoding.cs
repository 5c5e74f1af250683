using System.Diagnostics;
using ActionStream.Bench.Reporting;
using ActionStream.Core.Media;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Ffmpeg.Nut;

namespace ActionStream.Bench.Quiet;

/// <summary>Every frame of a recording by one plain ffmpeg that opens the file itself: what there is without anything of ours.</summary>
internal sealed class FullDecoding(FfmpegTool ffmpeg, FrameSpec picture, PixelPool pool)
{
    /// <param name="take">Gets each frame, to dispose it.</param>
    /// <returns>Where each is shown, in that order.</returns>
    public async Task<List<TimeSpan>> RunAsync(string file, Action<Frame> take, CancellationToken cancel)
    {
        using var child = ChildProcesses.Start(new ProcessStartInfo(ffmpeg.Path,
        [
            "-nostdin", "-v", "error", "-threads", "1", "-filter_threads", "1", "-copyts", "-start_at_zero", "-i", file,
            "-vf", string.Join(',', FfmpegArguments.Scale(picture)),
            "-c:v", "rawvideo", "-pix_fmt", "rgb24", "-fps_mode", "passthrough", "-enc_time_base", "-1",
            "-f", "nut", "-write_index", "0", "pipe:1",
        ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });
        try
        {
            var errors = child.StandardError.ReadToEndAsync(cancel);
            var nut = new NutReader(child.StandardOutput.BaseStream, picture.Size, pool);
            var shown = new List<TimeSpan>();
            while (nut.Read(out var presentation) is { } pixels)
            {
                shown.Add(presentation);
                take(new(new(0, presentation, presentation.Ticks), picture.Size, pixels));
            }

            await child.WaitForExitAsync(cancel);
            return child.ExitCode == 0 && shown.Count > 0
                ? shown
                : throw new BenchException($"ffmpeg could not decode {file}: {(await errors).Trim()}");
        }
        finally
        {
            child.Kill();
        }
    }
}
