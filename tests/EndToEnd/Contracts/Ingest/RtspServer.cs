using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Contracts.Ingest;

/// <summary>A real RTSP server that a test may kill, freeze and start again on its port.</summary>
/// <param name="clip">What its cameras show; four seconds with a key frame in each if not given.</param>
internal sealed class RtspServer(string? clip = null) : IDisposable
{
    private Process? _process;

    public int Port { get; } = FreePort();

    public string Url(int camera = 0) => $"rtsp://127.0.0.1:{Port}/cam{camera}";

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Returns when it accepts connections.</summary>
    public async Task StartAsync()
    {
        _process = Process.Start(
            new ProcessStartInfo(
                "/usr/bin/python3", ["-u", Parts.RtspServer, "--port", $"{Port}", clip ?? Videos.H264, clip ?? Videos.H264])
            {
                RedirectStandardOutput = true,
            })!;
        Assert.Equal("ready", await _process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(15)));
    }

    public void Freeze() => Signal("STOP");

    public void Resume() => Signal("CONT");

    public void Dispose()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process?.Dispose();
        _process = null;
    }

    private void Signal(string name) => Process.Start("kill", $"-{name} {_process!.Id}").WaitForExit();
}
