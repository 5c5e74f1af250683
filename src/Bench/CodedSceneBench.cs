using System.Globalization;
using ActionStream.Bench.Engine;
using ActionStream.Core.Files;
using ActionStream.Core.Media;
using ActionStream.Inference;
using ActionStream.Inference.Configuration;
using ActionStream.Ingest.Ffmpeg;
using Microsoft.Extensions.Logging;

namespace ActionStream.Bench;

/// <summary>A still scene as a camera codes it, and what the token cache made of it.</summary>
/// <param name="Noise">Strength of the noise that differs from frame to frame, in values of 0 to 255.</param>
/// <param name="Denoised">Taken out again before coding, as cameras do.</param>
/// <param name="Crf">x264's quality, lower is better; cameras lie about 23 to 30.</param>
/// <param name="Reused">Share of new tubelets whose pixels were known.</param>
/// <param name="Answered">Share of windows that had the last one's answer.</param>
internal sealed record CodedScene(int Noise, bool Denoised, int Crf, int Windows, double Reused, double Answered);

/// <summary>How often a coded still scene really stands still: a coder skips what does not change, and decoded pictures are then
/// equal to the last bit; noise that it codes keeps them apart.</summary>
internal sealed class CodedSceneBench(string preset, FfmpegTool ffmpeg, ILoggerFactory log)
{
    public const string Description = "1280x720, 25 frames a second, x264 veryfast zerolatency, a key frame every four seconds";

    private readonly record struct Scene(int Noise, bool Denoised);

    public async Task<IReadOnlyList<CodedScene>> MeasureAsync(TimeSpan length, bool isTrial, CancellationToken cancel)
    {
        using var files = new BenchModel(null, preset);
        using var model = files.Load(new() { Device = DeviceRequest.Cpu, Windows = WindowPath.Cached, SelfCheck = TimeSpan.Zero }, log);
        using var scorer = model.OpenScorer(model.Policy);
        using var pool = new PixelPool();
        var scenes = new List<CodedScene>();
        Scene[] all = [new(0, false), new(1, false), new(2, false), new(2, true), new(4, false)];
        foreach (var scene in all.Take(isTrial ? 1 : all.Length))
        {
            foreach (var crf in isTrial ? [28] : (int[])[18, 23, 28, 33])
            {
                var frames = await FramesAsync(pool, files.Card.Input.Size, files.Card.Input.Interval, scene, crf, length, cancel);
                try
                {
                    scenes.Add(Judge(frames));
                }
                finally
                {
                    frames.ForEach(frame => frame.Dispose());
                }

                CodedScene Judge(List<PixelBlock> shown)
                {
                    var (length, stream) = (files.Card.Input.Frames, $"{scene} {crf}");
                    var windows = 0;
                    for (var start = 0; start + length <= shown.Count; start += EngineRig.Hop, windows++)
                    {
                        using var clip = new Clip(
                            stream, new ClipTime(0, 0, start, default, default, default, 0, 0), new(length, 0, default),
                            files.Card.Input.Size, [.. shown.Skip(start).Take(length).Select(frame => frame.Share())]);
                        scorer.Score([clip]);
                    }

                    var counts = scorer.TakeCounts();
                    return new(
                        scene.Noise, scene.Denoised, crf, windows,
                        Math.Round((double)counts.Repeats / Math.Max(1, counts.Repeats + counts.Misses), 3),
                        Math.Round((double)counts.Answers / Math.Max(1, windows), 3));
                }
            }
        }

        return scenes;
    }

    private async Task<List<PixelBlock>> FramesAsync(
        PixelPool pool, FrameSize size, TimeSpan interval, Scene scene, int crf, TimeSpan length, CancellationToken cancel)
    {
        using var folder = new TemporaryFolder("bench");
        var (coded, raw) = (folder.At("camera.mp4"), folder.At("frames.rgb"));
        List<string> filters = ["trim=start_frame=25:end_frame=26", "loop=-1:1:0", "setpts=N/25/TB", "scale=1280:720", "noise=alls=8"];
        filters.AddRange(scene.Noise > 0 ? [string.Create(CultureInfo.InvariantCulture, $"noise=alls={scene.Noise}:allf=t")] : []);
        filters.AddRange(scene.Denoised ? ["hqdn3d"] : []);
        await BenchFfmpeg.RunAsync(
            ffmpeg,
            [
                "-i", BenchFfmpeg.Clip, "-vf", string.Join(',', filters), "-r", "25",
                "-t", length.TotalSeconds.ToString(CultureInfo.InvariantCulture), "-an", "-c:v", "libx264", "-preset", "veryfast",
                "-tune", "zerolatency", "-g", "100", "-crf", crf.ToString(CultureInfo.InvariantCulture), "-pix_fmt", "yuv420p", coded,
            ],
            cancel);
        await BenchFfmpeg.RunAsync(
            ffmpeg,
            [
                "-i", coded, "-vf",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"fps={1 / interval.TotalSeconds},scale={size.Width}:{size.Height}:flags=bilinear,format=rgb24"),
                "-f", "rawvideo", raw,
            ],
            cancel);
        var frames = new List<PixelBlock>();
        await using var pixels = File.OpenRead(raw);
        while (pixels.Position + size.Bytes <= pixels.Length)
        {
            frames.Add(pool.Rent(size.Bytes));
            pixels.ReadExactly(frames[^1].Span[..size.Bytes]);
        }

        return frames;
    }
}
