using System.Globalization;

namespace ActionStream.EndToEnd.Support;

/// <summary>A real RTSP server that can be killed and brought back on the same port.</summary>
internal sealed class RtspCamera : IAsyncDisposable
{
    private readonly string[] _options;
    private string[] _clips;
    private Child? _server;

    private RtspCamera(int port, string[] options, string[] clips) => (Port, _options, _clips) = (port, options, clips);

    public int Port { get; }

    public string Url => $"rtsp://127.0.0.1:{Port}/cam0";

    /// <param name="login">user:password that every client must give, or null.</param>
    public static async Task<RtspCamera> StartAsync(string? login = null, int cameras = 1) =>
        await StartAsync([.. Enumerable.Repeat(await H264Async(), cameras)], login);

    /// <param name="clips">What each of its cameras plays: see <see cref="ClipAsync"/>.</param>
    public static async Task<RtspCamera> StartAsync(string[] clips, string? login, int fps = 25)
    {
        var port = Ports.Free();
        string[] options =
        [
            Path.Combine(Parts.Root, "tests/EndToEnd/Support/rtsp_server.py"), "--port", port.ToString(CultureInfo.InvariantCulture),
            "--fps", fps.ToString(CultureInfo.InvariantCulture), .. login is null ? Array.Empty<string>() : ["--login", login],
        ];
        var camera = new RtspCamera(port, options, clips);
        await camera.StartAgainAsync();
        return camera;
    }

    public string UrlOf(int camera) => $"rtsp://127.0.0.1:{Port}/cam{camera}";

    /// <param name="clips">What it plays from now on; none for what it played before.</param>
    public async Task StartAgainAsync(params string[] clips)
    {
        _clips = clips.Length > 0 ? clips : _clips;
        _server = new Child("/usr/bin/python3", [.. _options, .. _clips]);
        await _server.LineAsync(line => line == "ready", TimeSpan.FromSeconds(15));
    }

    public Task KillAsync() => _server!.KillAsync();

    public void Freeze() => _server!.Signal("STOP");

    public void Thaw() => _server!.Signal("CONT");

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    /// <summary>Some seconds of a moving test picture as the server wants it, a key frame every second; made once.</summary>
    public static Task<string> ClipAsync(string size, int fps) => H264Async(
        $"test-{size}-{fps}.h264", ["-f", "lavfi", "-i", $"testsrc2=size={size}:rate={fps}", "-frames:v", $"{8 * fps}"], fps);

    /// <summary>A wall with the noise of a sensor, longer than anybody remembers frames; made once.</summary>
    public static Task<string> StillAsync() => H264Async(
        "still-2.h264", ["-f", "lavfi", "-i", "smptebars=size=320x180:rate=25,noise=alls=2:allf=t", "-frames:v", "1000"], 50);

    /// <summary>The demo's clip, likewise.</summary>
    private static Task<string> H264Async() => H264Async("clip.h264", ["-i", Path.Combine(Parts.Root, "configs/demo/clip.mp4")], 25);

    private static async Task<string> H264Async(string name, string[] input, int gop)
    {
        var folder = Path.Combine(Parts.Root, "tests/EndToEnd/.cache");
        var path = Path.Combine(folder, name);
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(folder);
            var making = $"{path}.{Environment.ProcessId}";
            await using var ffmpeg = new Child("ffmpeg",
            [
                "-v", "error", "-y", .. input, "-c:v", "libx264", "-preset", "veryfast", "-bf", "0",
                "-g", gop.ToString(CultureInfo.InvariantCulture), "-pix_fmt", "yuv420p", "-bsf:v", "h264_metadata=aud=insert",
                "-f", "h264", making,
            ]);
            if (await ffmpeg.ExitAsync(TimeSpan.FromSeconds(60)) != 0)
            {
                throw new InvalidOperationException($"ffmpeg could not make {path}:\n{ffmpeg.All}");
            }

            File.Move(making, path, overwrite: true);
        }

        return path;
    }
}
