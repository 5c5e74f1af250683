using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace ActionStream.EndToEnd.Support;

/// <summary>A bad line: it stands between a client and a server on loopback and cuts, holds, slows or spoils what passes.</summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _server;
    private readonly Func<LineSpoiler>? _spoilers;
    private readonly ConcurrentDictionary<TcpClient, bool> _open = new();
    private readonly CancellationTokenSource _end = new();
    private readonly Task _accepting;
    private volatile bool _isCut;
    private volatile bool _holds;
    private volatile int _bytesPerSecond;

    /// <param name="spoilers">Makes, for each connection, what may change the bytes that the server sends.</param>
    public TcpProxy(int server, Func<LineSpoiler>? spoilers = null)
    {
        (_server, _spoilers) = (server, spoilers);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Open connections are reset and new ones closed at once.</summary>
    public bool IsCut
    {
        get => _isCut;
        set
        {
            _isCut = value;
            if (value)
            {
                Reset();
            }
        }
    }

    /// <summary>Connections stay open and nothing passes.</summary>
    public bool Holds
    {
        get => _holds;
        set => _holds = value;
    }

    /// <summary>What passes in each direction; 0 for all.</summary>
    public int BytesPerSecond
    {
        get => _bytesPerSecond;
        set => _bytesPerSecond = value;
    }

    public void Reset()
    {
        foreach (var client in _open.Keys)
        {
            client.Client.LingerState = new(true, 0); // a reset, as from a line that broke
            client.Close();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        Reset();
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_end.Token);
                _ = ServeAsync(client); // ends when either side does
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var server = new TcpClient();
        _open[client] = true;
        try
        {
            if (!_isCut)
            {
                await server.ConnectAsync(IPAddress.Loopback, _server, _end.Token);
                client.NoDelay = server.NoDelay = true;
                var (near, far) = (client.GetStream(), server.GetStream());
                await Task.WhenAny(PumpAsync(near, far, null), PumpAsync(far, near, _spoilers?.Invoke()));
            }
        }
        catch (Exception broken) when (IsExpected(broken))
        {
        }
        finally
        {
            _open.TryRemove(client, out _);
            client.Dispose();
        }
    }

    private async Task PumpAsync(NetworkStream from, NetworkStream to, LineSpoiler? spoiler)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (true)
            {
                var rate = _bytesPerSecond;
                var read = await from.ReadAsync(buffer.AsMemory(0, rate == 0 ? buffer.Length : Math.Clamp(rate / 20, 16, buffer.Length)), _end.Token);
                if (read == 0)
                {
                    return;
                }

                while (_holds)
                {
                    await Task.Delay(Look, _end.Token);
                }

                spoiler?.Pass(buffer.AsSpan(0, read));
                await to.WriteAsync(buffer.AsMemory(0, read), _end.Token);
                if (rate > 0)
                {
                    await Task.Delay(TimeSpan.FromSeconds((double)read / rate), _end.Token);
                }
            }
        }
        catch (Exception broken) when (IsExpected(broken))
        {
        }
    }

    private static bool IsExpected(Exception broken) =>
        broken is IOException or SocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException;
}
