using System.Diagnostics;
using System.Globalization;
using ActionStream.Bench.Reporting;
using ActionStream.Core.Files;
using ActionStream.Ingest.Ffmpeg;

namespace ActionStream.Bench.Asleep;

/// <summary>What simulated cameras show: a room of 720p25 with a sensor's noise, in which nothing moves, or something now and then,
/// or always; played without end.</summary>
internal sealed class SceneVideo(FfmpegTool ffmpeg) : IDisposable
{
    public const string Description =
        "1280x720, 25 frames a second, noise as of a sensor by day (1.7 levels), a key frame every two seconds, no B pictures";

    /// <summary>Standard deviation, in levels of light and of colour.</summary>
    private const double Noise = 1.7;

    private readonly TemporaryFolder _folder = new("bench");
    private readonly Dictionary<(Scene, Encoding), string> _made = [];

    /// <summary>The file, made when it is first asked for.</summary>
    public async Task<string> OfAsync(Scene scene, Encoding encoding, CancellationToken cancel)
    {
        if (_made.TryGetValue((scene, encoding), out var made))
        {
            return made;
        }

        var (isHevc, name) = (encoding == Encoding.Hevc, $"{scene}-{encoding}".ToLowerInvariant());
        var path = _folder.At($"{name}.{(isHevc ? "h265" : "h264")}");
        using var child = ChildProcesses.Start(new ProcessStartInfo(ffmpeg.Path,
        [
            "-nostdin", "-v", "error", "-f", "lavfi", "-i", Graph(scene, encoding),
            "-t", Length(scene).TotalSeconds.ToString(CultureInfo.InvariantCulture), .. Encoder(encoding), "-g", "50", "-bf", "0",
            "-pix_fmt", "yuv420p", "-bsf:v", $"{(isHevc ? "hevc" : "h264")}_metadata=aud=insert", "-f", isHevc ? "hevc" : "h264", path,
        ])
        { RedirectStandardError = true });
        try
        {
            var errors = await child.StandardError.ReadToEndAsync(cancel);
            await child.WaitForExitAsync(cancel);
            return child.ExitCode == 0
                ? _made[(scene, encoding)] = path
                : throw new BenchException($"ffmpeg could not make the cameras' video {name}: {errors.Trim()}");
        }
        finally
        {
            child.Kill();
            await child.WaitForExitAsync(CancellationToken.None);
        }
    }

    public void Dispose() => _folder.Dispose();

    private static TimeSpan Length(Scene scene) => TimeSpan.FromSeconds(scene == Scene.Mixed ? 100 : 12);

    private static string Graph(Scene scene, Encoding encoding)
    {
        // Each encoding's cameras carry a mark of their own, which tells their frames apart.
        var room = "color=0x8a8478:size=1280x720:rate=25,drawbox=x=0:y=500:w=1280:h=220:color=0x5a4a3a:t=fill,"
            + "drawbox=x=820:y=140:w=220:h=420:color=0x4b3b2b:t=fill,drawbox=x=120:y=120:w=340:h=240:color=0xc8d4e0:t=fill,"
            + "drawbox=x=200:y=440:w=420:h=60:color=0x7a5a30:t=fill,noise=alls=40,boxblur=3:1,"
            + $"drawbox=x={40 + (120 * (int)encoding)}:y=20:w=60:h=40:color=white:t=fill";
        var noise = $"noise=alls={Math.Round(Noise * Math.Sqrt(3))}:allf=t"; // its strength is √3 times the deviation
        return scene == Scene.Still
            ? $"{room},{noise}"
            : $"{room}[room];testsrc2=size=140x300:rate=25[who];"
                + $"[room][who]overlay=x='640+500*sin(t*1.3)':y='360+20*sin(t*9)':enable='{When(scene)}',{noise}";
    }

    private static string When(Scene scene) => scene == Scene.Busy ? "1" : "between(t,30,35)+between(t,75,80)";

    private static string[] Encoder(Encoding encoding) => encoding switch
    {
        Encoding.Hevc =>
        [
            "-c:v", "libx265", "-preset", "superfast", "-crf", "24",
            "-x265-params", "log-level=none:bframes=0:keyint=50:min-keyint=50:open-gop=0",
        ],
        Encoding.Cbr =>
        [
            "-c:v", "libx264", "-preset", "veryfast", "-b:v", "2M", "-minrate", "2M", "-maxrate", "2M", "-bufsize", "1M",
            "-x264-params", "nal-hrd=cbr",
        ],
        _ => ["-c:v", "libx264", "-preset", "veryfast", "-crf", "23"],
    };
}
