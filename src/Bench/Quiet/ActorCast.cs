using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ActionStream.Bench.Reporting;
using ActionStream.Core.Media;
using ActionStream.Host.Configuration;
using ActionStream.Ingest.Ffmpeg;

namespace ActionStream.Bench.Quiet;

/// <summary>Finds who acts: pieces of the packaged clip, a folder of clips where there is one, and drawn figures.</summary>
internal sealed class ActorCast
{
    /// <summary>Of a piece, before what it is about begins.</summary>
    private const double Lead = 0.2;

    private readonly FfmpegTool _ffmpeg;
    private readonly string _demo;
    private readonly IReadOnlyList<(string Label, double Start, double End)> _pieces;
    private readonly IReadOnlyList<string> _clips;

    /// <param name="clips">A folder with clips in folders, not decoder tests; null for none.</param>
    public ActorCast(FfmpegTool ffmpeg, string? clips)
    {
        _ffmpeg = ffmpeg;
        _demo = ModelFolder.Packaged("configs/demo/clip.mp4", File.Exists)
            ?? throw new BenchException("configs/demo/clip.mp4, the demo's clip, was not found beside the program");
        using var truth = JsonDocument.Parse(File.ReadAllBytes(Path.ChangeExtension(_demo, null)[..^4] + "truth.json"));
        _pieces = [.. truth.RootElement.GetProperty("segments").EnumerateArray()
            .Select(piece => (
                piece.GetProperty("label").GetString()!, piece.GetProperty("start").GetDouble(), piece.GetProperty("end").GetDouble()))
            .Where(piece => piece.Item1 != "idle" && piece.Item2 > Lead)];
        _clips = clips is null ? [] : [.. Directory.EnumerateFiles(clips, "*.mp4", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/decoder/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
    }

    /// <summary>Clips in the folder.</summary>
    public int Clips => _clips.Count;

    public async Task<(IActor Actor, string What)> ActorAsync(RecordingPlan plan, CancellationToken cancel)
    {
        switch (plan.Actor)
        {
            case ActorKind.Demo:
                var (label, start, end) = _pieces[plan.Choice % _pieces.Count];
                return (await PastedAsync(plan, _demo, start - Lead, end - start + Lead, cancel), $"demo {label}");
            case ActorKind.Clip when _clips.Count > 0:
                var file = _clips[plan.Choice % _clips.Count];
                var pasted = await PastedAsync(plan, file, 0, RecordingPlan.Action.TotalSeconds, cancel);
                return (pasted, Path.GetFileNameWithoutExtension(file));
            default:
                var random = new Random(plan.Choice);
                var height = Math.Max(14, (int)(plan.Reach * 0.8 * plan.Size.Height));
                var speed = random.Next(2) == 0 ? 0.25 + (0.25 * random.NextDouble()) : 0.6 + random.NextDouble();
                var walksIn = random.Next(2) == 0;
                return (new DrawnFigure(
                    height, speed, walksIn, random.Next(2) == 0,
                    (plan.Size.Width * (0.2 + (0.6 * random.NextDouble())), plan.Size.Height * (0.85 + (0.1 * random.NextDouble()))),
                    (byte)(random.Next(2) == 0 ? 20 + random.Next(40) : 190 + random.Next(50)), plan.FramesPerSecond,
                    (int)(5 * plan.FramesPerSecond)), walksIn ? "figure walks in" : "figure begins to move");
        }
    }

    private async Task<PastedActor> PastedAsync(RecordingPlan plan, string file, double start, double length, CancellationToken cancel)
    {
        var aspect = file == _demo ? 16.0 / 9 : await AspectAsync(file, cancel);
        var size = PastedActor.SizeIn(plan.Size, plan.Reach, aspect);
        var random = new Random(plan.Choice);
        var place = (random.Next(plan.Size.Width - size.Width + 1) & ~1, random.Next(plan.Size.Height - size.Height + 1) & ~1);
        return new(await FramesAsync(plan, file, start, length, size, cancel), place, (int)(plan.Fade.TotalSeconds * plan.FramesPerSecond));
    }

    private async Task<double> AspectAsync(string file, CancellationToken cancel)
    {
        var bytes = await ReadAsync(["-i", file, "-frames:v", "1", "-f", "image2pipe", "-c:v", "pgm", "-"], cancel);
        var words = System.Text.Encoding.ASCII.GetString(bytes, 0, Math.Min(bytes.Length, 40)).Split((char[])[' ', '\n']);
        return words is ["P5", var width, var height, ..]
            ? double.Parse(width, CultureInfo.InvariantCulture) / double.Parse(height, CultureInfo.InvariantCulture)
            : throw new BenchException($"{file} has no frame that ffmpeg can read");
    }

    private async Task<List<YuvFrame>> FramesAsync(
        RecordingPlan plan, string file, double start, double length, FrameSize size, CancellationToken cancel)
    {
        var bytes = await ReadAsync(
            [
                "-ss", Number(start), "-t", Number(length), "-i", file, "-an",
                "-vf", $"fps={plan.FramesPerSecond},scale={size.Width}:{size.Height}:flags=bilinear",
                "-pix_fmt", "yuv420p", "-f", "rawvideo", "-",
            ],
            cancel);
        var frames = new List<YuvFrame>();
        for (var at = 0; at + YuvFrame.BytesOf(size) <= bytes.Length; at += YuvFrame.BytesOf(size))
        {
            frames.Add(new(size));
            bytes.AsSpan(at, YuvFrame.BytesOf(size)).CopyTo(frames[^1].Bytes);
        }

        return frames.Count > 0 ? frames : throw new BenchException($"{file} has no frames from {start} s on");
    }

    private async Task<byte[]> ReadAsync(IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        string[] quietly = ["-nostdin", "-v", "error", "-threads", "1"];
        using var child = ChildProcesses.Start(new ProcessStartInfo(_ffmpeg.Path, [.. quietly, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });
        try
        {
            using var all = new MemoryStream();
            var errors = child.StandardError.ReadToEndAsync(cancel);
            await child.StandardOutput.BaseStream.CopyToAsync(all, cancel);
            await child.WaitForExitAsync(cancel);
            return child.ExitCode == 0 ? all.ToArray() : throw new BenchException($"ffmpeg could not read a clip: {(await errors).Trim()}");
        }
        finally
        {
            child.Kill();
        }
    }

    private static string Number(double number) => number.ToString("0.###", CultureInfo.InvariantCulture);
}
