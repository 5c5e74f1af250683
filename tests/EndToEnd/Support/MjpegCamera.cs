using System.Globalization;
using System.Net;
using System.Text;

namespace ActionStream.EndToEnd.Support;

/// <summary>A camera as cheap ones are: JPEGs over HTTP, one after the other, without a word about time.</summary>
internal sealed class MjpegCamera : IAsyncDisposable
{
    private static readonly SemaphoreSlim Making = new(1);
    private readonly HttpListener _listener = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly byte[][] _frames;
    private readonly TimeSpan _interval;
    private readonly Task _serving;

    private MjpegCamera(byte[][] frames, double fps)
    {
        (_frames, _interval) = (frames, TimeSpan.FromSeconds(1 / fps));
        Url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Ports.Free()}/");
        _listener.Prefixes.Add(Url);
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Url { get; }

    public static async Task<MjpegCamera> StartAsync(double fps)
    {
        var folder = Path.Combine(Parts.Root, "tests/EndToEnd/.cache/jpegs");
        await Making.WaitAsync();
        try
        {
            if (!Directory.Exists(folder))
            {
                var making = Directory.CreateDirectory($"{folder}.{Environment.ProcessId}").FullName;
                await using var ffmpeg = new Child("ffmpeg",
                [
                    "-v", "error", "-y", "-i", Path.Combine(Parts.Root, "configs/demo/clip.mp4"), "-vf", "fps=12,scale=320:-2", "-q:v", "5",
                    Path.Combine(making, "%04d.jpg"),
                ]);
                Assert.True(await ffmpeg.ExitAsync(TimeSpan.FromSeconds(60)) == 0, ffmpeg.All);
                Directory.Move(making, folder);
            }
        }
        finally
        {
            Making.Release();
        }

        return new([.. Directory.GetFiles(folder, "*.jpg").Order(StringComparer.Ordinal).Select(File.ReadAllBytes)], fps);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Close();
        await _serving;
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var clients = new List<Task>();
        try
        {
            while (true)
            {
                clients.Add(SendAsync((await _listener.GetContextAsync()).Response));
            }
        }
        catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
        {
            await Task.WhenAll(clients);
        }
    }

    private async Task SendAsync(HttpListenerResponse to)
    {
        try
        {
            to.ContentType = "multipart/x-mixed-replace; boundary=frame";
            to.SendChunked = true;
            using var timer = new PeriodicTimer(_interval);
            for (var sent = 0; ; sent++)
            {
                var frame = _frames[sent % _frames.Length];
                await to.OutputStream.WriteAsync(
                    Encoding.ASCII.GetBytes($"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {frame.Length}\r\n\r\n"), _stop.Token);
                await to.OutputStream.WriteAsync(frame, _stop.Token);
                await to.OutputStream.WriteAsync("\r\n"u8.ToArray(), _stop.Token);
                await timer.WaitForNextTickAsync(_stop.Token);
            }
        }
        catch (Exception gone) when (gone is HttpListenerException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            to.Abort();
        }
    }
}
