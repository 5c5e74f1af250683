using System.Globalization;

namespace ActionStream.EndToEnd.Support;

/// <summary>A real RTSP server that can be killed and brought back on the same port.</summary>
internal sealed class RtspCamera : IAsyncDisposable
{
    private readonly string[] _arguments;
    private Child? _server;

    private RtspCamera(int port, string[] arguments) => (Port, _arguments) = (port, arguments);

    public int Port { get; }

    public string Url => $"rtsp://127.0.0.1:{Port}/cam0";

    /// <param name="login">user:password that every client must give, or null.</param>
    public static async Task<RtspCamera> StartAsync(string? login = null, int cameras = 1)
    {
        var clip = await H264Async();
        var port = Ports.Free();
        string[] arguments =
        [
            Path.Combine(Parts.Root, "tests/EndToEnd/Support/rtsp_server.py"), "--port", port.ToString(CultureInfo.InvariantCulture),
            .. login is null ? Array.Empty<string>() : ["--login", login],
            .. Enumerable.Repeat(clip, cameras),
        ];
        var camera = new RtspCamera(port, arguments);
        await camera.StartAgainAsync();
        return camera;
    }

    public string UrlOf(int camera) => $"rtsp://127.0.0.1:{Port}/cam{camera}";

    public async Task StartAgainAsync()
    {
        _server = new Child("/usr/bin/python3", _arguments);
        await _server.LineAsync(line => line == "ready", TimeSpan.FromSeconds(15));
    }

    public Task KillAsync() => _server!.KillAsync();

    public void Freeze() => _server!.Signal("STOP");

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    /// <summary>The demo's clip as the server wants it; made once.</summary>
    private static async Task<string> H264Async()
    {
        var folder = Path.Combine(Parts.Root, "tests/EndToEnd/.cache");
        var path = Path.Combine(folder, "clip.h264");
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(folder);
            var making = $"{path}.{Environment.ProcessId}";
            await using var ffmpeg = new Child("ffmpeg",
            [
                "-v", "error", "-y", "-i", Path.Combine(Parts.Root, "configs/demo/clip.mp4"), "-c:v", "libx264", "-preset", "veryfast",
                "-bf", "0", "-g", "25", "-pix_fmt", "yuv420p", "-bsf:v", "h264_metadata=aud=insert", "-f", "h264", making,
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
