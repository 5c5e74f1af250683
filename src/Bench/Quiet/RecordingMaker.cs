using System.Diagnostics;
using System.Globalization;
using ActionStream.Bench.Reporting;
using ActionStream.Ingest.Ffmpeg;

namespace ActionStream.Bench.Quiet;

/// <summary>Renders a planned recording and has ffmpeg code it.</summary>
internal sealed class RecordingMaker(FfmpegTool ffmpeg, ActorCast cast, string folder)
{
    /// <summary>How long the scene stays as the actor left it.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(3);

    public async Task<ComposedRecording> MakeAsync(RecordingPlan plan, CancellationToken cancel)
    {
        var (actor, what) = await cast.ActorAsync(plan, cancel);
        var painter = new ScenePainter(plan);
        var rate = plan.FramesPerSecond;
        var first = (int)(plan.Still.TotalSeconds * rate);
        var count = first + Math.Min(actor.Frames, (int)(RecordingPlan.Action.TotalSeconds * rate)) + (int)(Rest.TotalSeconds * rate);
        var file = Path.Combine(folder, plan.Name + ".nut");
        var (scene, still) = (new YuvFrame(plan.Size), new YuvFrame(plan.Size));
        TimeSpan? moved = null;
        using var child = ChildProcesses.Start(new ProcessStartInfo(ffmpeg.Path,
        [
            "-v", "error", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", plan.Size.ToString(),
            "-r", rate.ToString(CultureInfo.InvariantCulture), "-i", "pipe:0", .. Coding.Arguments(plan), "-pix_fmt",
            plan.Coding == CodingKind.Mjpeg ? "yuvj420p" : "yuv420p", "-f", "nut", "-y", file,
        ])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
        });
        var errors = child.StandardError.ReadToEndAsync(cancel);
        try
        {
            for (var frame = 0; frame < count; frame++)
            {
                painter.Begin(scene, frame);
                if (moved is null && frame >= first)
                {
                    scene.Bytes.CopyTo(still.Bytes, 0);
                    actor.Draw(still, -1);
                    actor.Draw(scene, frame - first);
                    moved = IsMoved(scene, still, painter, frame) ? plan.FrameTime(frame) : null;
                }
                else
                {
                    actor.Draw(scene, frame - first);
                }

                painter.Finish(scene, frame);
                await child.StandardInput.BaseStream.WriteAsync(scene.Bytes, cancel);
            }

            child.StandardInput.Close();
            await child.WaitForExitAsync(cancel);
            return child.ExitCode == 0
                ? new(plan, file, what, plan.FrameTime(first), moved, plan.FrameTime(count))
                : throw new BenchException($"ffmpeg could not code recording {plan.Name}: {(await errors).Trim()}");
        }
        catch (IOException)
        {
            throw new BenchException($"ffmpeg stopped coding recording {plan.Name}: {(await errors).Trim()}");
        }
        finally
        {
            child.Kill();
        }
    }

    // Noticeably: some pixels, by more than the noise and than ten levels of light.
    private static bool IsMoved(YuvFrame scene, YuvFrame still, ScenePainter painter, int frame)
    {
        var least = Math.Max(10, 2 * painter.Sigma) * 256 / Math.Max(64, painter.Gain(frame));
        var now = scene.Luma;
        var before = still.Luma;
        var pixels = 0;
        for (var i = 0; i < now.Length; i++)
        {
            pixels += Math.Abs(now[i] - before[i]) >= least ? 1 : 0;
        }

        return pixels >= Math.Max(16, now.Length / 2000);
    }
}
