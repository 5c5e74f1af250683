using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ActionStream.EndToEnd.Support;

/// <summary>A camera as cheap ones are: JPEGs over HTTP, one after the other, without a word about time.</summary>
internal sealed class MjpegCamera : IDisposable
{
    private static readonly SemaphoreSlim Making = new(1);
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly byte[][] _frames;
    private readonly TimeSpan _interval;
    private readonly ManualResetEvent _over = new(false);

    private MjpegCamera(byte[][] frames, double fps)
    {
        (_frames, _interval) = (frames, TimeSpan.FromSeconds(1 / fps));
        _listener.Start();
        Url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");
        Run(Serve);
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

    public void Dispose()
    {
        _over.Set();
        _listener.Dispose();
    }

    // Threads of their own: a busy pool would make the camera stutter.
    private static void Run(ThreadStart work) => new Thread(work) { IsBackground = true, Name = "camera" }.Start();

    private void Serve()
    {
        try
        {
            while (true)
            {
                var client = _listener.AcceptTcpClient();
                Run(() => Send(client));
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private void Send(TcpClient client)
    {
        try
        {
            using (client)
            {
                var to = client.GetStream();
                to.Write("HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\nConnection: close\r\n\r\n"u8);
                var began = TimeProvider.System.GetTimestamp();
                var rest = TimeSpan.Zero;
                for (var sent = 1; !_over.WaitOne(rest > TimeSpan.Zero ? rest : TimeSpan.Zero); sent++)
                {
                    var frame = _frames[sent % _frames.Length];
                    to.Write(
                    [
                        .. Encoding.ASCII.GetBytes($"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {frame.Length}\r\n\r\n"),
                        .. frame, .. "\r\n"u8,
                    ]);
                    rest = sent * _interval - TimeProvider.System.GetElapsedTime(began);
                }
            }
        }
        catch (IOException)
        {
            // The client has left.
        }
    }
}
