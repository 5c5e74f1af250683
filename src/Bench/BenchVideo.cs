using System.Diagnostics;
using System.Globalization;
using ActionStream.Bench.Reporting;
using ActionStream.Core.Files;
using ActionStream.Host;
using ActionStream.Host.Configuration;
using ActionStream.Ingest.Ffmpeg;

namespace ActionStream.Bench;

/// <summary>The camera that benchmarks look through: the bundled clip at 720p25 as H.264, with a sensor's
/// noise and a camera's bit rate.</summary>
internal sealed class BenchVideo : IDisposable
{
    public const string Description = "H.264 1280x720, 25 frames a second, 3 Mbit/s, noise as of a sensor, a key frame every two seconds";

    private readonly TemporaryFolder _folder = new("bench");

    private BenchVideo(TimeSpan length) => Length = length;

    /// <summary>How long it takes to play.</summary>
    public TimeSpan Length { get; }

    /// <summary>Size of the file: about what is read while it is played once.</summary>
    public long Bytes => new FileInfo(Path).Length;

    public string Path => _folder.At("camera.mp4");

    /// <param name="height">720, or 360 for what cameras call a sub-stream: a quarter of the pixels and of the bits.</param>
    public static async Task<BenchVideo> MakeAsync(FfmpegTool ffmpeg, TimeSpan length, CancellationToken cancel, int height = 720)
    {
        var clip = ModelFolder.Packaged("configs/demo/clip.mp4", File.Exists)
            ?? throw new UsageException("configs/demo/clip.mp4, the demo's clip, was not found beside the program");
        var rate = height >= 720 ? "3M" : "750k";
        var video = new BenchVideo(length);
        try
        {
            using var child = ChildProcesses.Start(new ProcessStartInfo(ffmpeg.Path,
            [
                "-nostdin", "-v", "error", "-stream_loop", "-1", "-i", clip,
                "-t", length.TotalSeconds.ToString(CultureInfo.InvariantCulture),
                "-vf", string.Create(CultureInfo.InvariantCulture, $"scale={height * 16 / 9}:{height},noise=alls=6:allf=t"), "-r", "25",
                "-an", "-c:v", "libx264", "-preset", "veryfast", "-bf", "0", "-g", "50",
                "-b:v", rate, "-maxrate", rate, "-bufsize", "4M", "-pix_fmt", "yuv420p", video.Path,
            ])
            { RedirectStandardError = true });
            try
            {
                var errors = await child.StandardError.ReadToEndAsync(cancel);
                await child.WaitForExitAsync(cancel);
                return child.ExitCode == 0 ? video : throw new BenchException($"ffmpeg could not make the camera's video: {errors.Trim()}");
            }
            finally
            {
                child.Kill();
                await child.WaitForExitAsync(CancellationToken.None);
            }
        }
        catch
        {
            video.Dispose();
            throw;
        }
    }

    public void Dispose() => _folder.Dispose();
}
