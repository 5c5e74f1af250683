using System.Globalization;
using ActionStream.Core.Files;
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
        var rate = height >= 720 ? "3M" : "750k";
        var video = new BenchVideo(length);
        try
        {
            await BenchFfmpeg.RunAsync(
                ffmpeg,
                [
                    "-stream_loop", "-1", "-i", BenchFfmpeg.Clip, "-t", length.TotalSeconds.ToString(CultureInfo.InvariantCulture),
                    "-vf", string.Create(CultureInfo.InvariantCulture, $"scale={height * 16 / 9}:{height},noise=alls=6:allf=t"), "-r", "25",
                    "-an", "-c:v", "libx264", "-preset", "veryfast", "-bf", "0", "-g", "50",
                    "-b:v", rate, "-maxrate", rate, "-bufsize", "4M", "-pix_fmt", "yuv420p", video.Path,
                ],
                cancel);
            return video;
        }
        catch
        {
            video.Dispose();
            throw;
        }
    }

    public void Dispose() => _folder.Dispose();
}
