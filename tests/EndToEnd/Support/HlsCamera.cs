using System.Globalization;
using System.Net;

namespace ActionStream.EndToEnd.Support;

/// <summary>A live playlist as media servers make it: segments of some seconds, each there only when it is whole.</summary>
internal sealed class HlsCamera : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("actionstream-hls-").FullName;
    private readonly HttpListener _listener = new();
    private readonly Child _ffmpeg;
    private readonly Task _serving;

    private HlsCamera(int seconds)
    {
        var root = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Ports.Free()}/");
        Url = root + "live.m3u8";
        var length = seconds.ToString(CultureInfo.InvariantCulture);
        _ffmpeg = new Child("ffmpeg",
        [
            "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25", "-c:v", "libx264", "-preset", "ultrafast", "-g", "25",
            "-pix_fmt", "yuv420p", "-f", "hls", "-hls_time", length, "-hls_list_size", "5", "-hls_flags", "delete_segments+temp_file",
            Path.Combine(_folder, "live.m3u8"),
        ]);
        _listener.Prefixes.Add(root);
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Url { get; }

    /// <summary>Returns when the first segment is there.</summary>
    /// <param name="seconds">Length of a segment.</param>
    public static async Task<HlsCamera> StartAsync(int seconds)
    {
        var camera = new HlsCamera(seconds);
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!File.Exists(Path.Combine(camera._folder, "live.m3u8")))
        {
            await Task.Delay(100, late.Token);
        }

        return camera;
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving;
        await _ffmpeg.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var asked = await _listener.GetContextAsync();
                try
                {
                    asked.Response.Close(
                        await File.ReadAllBytesAsync(Path.Combine(_folder, Path.GetFileName(asked.Request.Url!.AbsolutePath))), true);
                }
                catch (FileNotFoundException)
                {
                    asked.Response.StatusCode = 404;
                    asked.Response.Close();
                }
            }
        }
        catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
