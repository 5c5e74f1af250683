using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ActionStream.Bench.Reporting;

namespace ActionStream.Bench.Cameras;

/// <summary>
/// Hundreds of RTSP cameras on this machine (/cam0, /cam1, …), cheap enough not to be what is measured: packets are made once, and
/// one thread sends each frame with one call.
/// </summary>
/// <remarks>RTSP inside TCP only, on the loopback interface, without any login: for measurements.</remarks>
internal sealed class RtspCameras : IDisposable
{
    public const int Fps = 25;

    private static readonly TimeSpan Frame = TimeSpan.FromSeconds(1) / Fps;

    /// <summary>Frames due within one of these go out together: 500 wakings a second instead of thousands.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(2);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _lock = new();
    private readonly List<RtspViewer> _viewers = [];
    private readonly IReadOnlyList<RtpVideo> _videos;
    private readonly long _began = Stopwatch.GetTimestamp();
    private long _sentByGone;
    private long _skippedByGone;

    public RtspCameras(IReadOnlyList<RtpVideo> videos)
    {
        _videos = videos;
        _listener.Start(512);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Serves until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var sender = new Thread(() => SendUntil(cancel)) { IsBackground = true, Name = "frame sender" };
        sender.Start();
        var listening = new List<Task>();
        try
        {
            while (true)
            {
                var viewer = new RtspViewer(await _listener.AcceptSocketAsync(cancel), _videos, Play);
                listening.RemoveAll(task => task.IsCompleted);
                listening.Add(viewer.ListenAsync(cancel));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(listening);
        }

        sender.Join();
    }

    /// <summary>Frames sent and left out so far, and how many watch.</summary>
    public CameraCounts Count()
    {
        lock (_lock)
        {
            return new(
                _viewers.Count, _sentByGone + _viewers.Sum(viewer => viewer.Sent), _skippedByGone + _viewers.Sum(viewer => viewer.Skipped));
        }
    }

    public void Dispose() => _listener.Dispose();

    private bool Play(RtspViewer viewer)
    {
        lock (_lock)
        {
            viewer.Due = Stopwatch.GetElapsedTime(_began);
            _viewers.Add(viewer);
            return true;
        }
    }

    private void SendUntil(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            var now = Stopwatch.GetElapsedTime(_began);
            lock (_lock)
            {
                foreach (var viewer in _viewers)
                {
                    for (; viewer.Due <= now && !viewer.IsGone; viewer.Due += Frame)
                    {
                        viewer.Send();
                    }
                }

                Forget();
            }

            var rest = Tick - (Stopwatch.GetElapsedTime(_began) - now);
            if (rest > TimeSpan.Zero)
            {
                Thread.Sleep(rest); // a thread's own clock: a timer of the pool's would wake two threads each time
            }
        }
    }

    private void Forget()
    {
        for (var i = _viewers.Count - 1; i >= 0; i--)
        {
            if (_viewers[i] is { IsGone: true } gone)
            {
                _sentByGone += gone.Sent;
                _skippedByGone += gone.Skipped;
                _viewers.RemoveAt(i);
            }
        }
    }
}
