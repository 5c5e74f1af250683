using System.Net;
using System.Net.Sockets;
using System.Text;
using ActionStream.Core.Configuration;

namespace ActionStream.Ingest.Sources;

/// <summary>The proxy through which one ffmpeg reaches one HTTP camera. ffmpeg follows redirects and playlists wherever they lead; every
/// connection it makes comes by here, and goes only where <see cref="RedirectRules"/> allow.</summary>
/// <remarks>
/// A name is looked up once and the address that was judged is the one that is connected. Every connection carries one request, so
/// that none that follows goes unseen.
/// </remarks>
public sealed class HttpGate : IAsyncDisposable
{
    private const int MostConnections = 16;
    private const int LongestHead = 32 * 1024;

    private static readonly byte[] No = "HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"u8.ToArray();
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(15);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _room = new(MostConnections);
    private readonly SourceAddress _camera;
    private readonly RedirectRules _rules;
    private readonly Task _accepting;
    private volatile SourceException? _fault;

    private HttpGate(SourceAddress camera, RedirectRules rules)
    {
        (_camera, _rules) = (camera, rules);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>What ffmpeg's environment has to say.</summary>
    public string Proxy => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>Why a connection was not made; ffmpeg only knows that its proxy did not like it.</summary>
    public SourceException? Fault => _fault;

    /// <summary>Null where none is needed: other protocols, and a proxy of the owner's own.</summary>
    /// <exception cref="SourceException">The address names no host.</exception>
    public static HttpGate? For(SourceAddress? camera, SourceOptions options)
    {
        if (camera is not { Kind: SourceKind.Http } || options.InputArguments.Contains("-http_proxy"))
        {
            return null;
        }

        return Uri.TryCreate(SafeUri.WithoutLogin(camera.Input), UriKind.Absolute, out var uri)
            ? new(camera, new(uri, options.RedirectHosts))
            : throw new SourceException(SourceFault.NotFound, $"{camera.Safe} names no host");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
        _room.Dispose();
    }

    private async Task AcceptAsync()
    {
        HashSet<Task> open = [];
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await _room.WaitAsync(_stop.Token);
                open.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
                open.RemoveWhere(task => task.IsCompleted);
            }
            catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                break;
            }
        }

        await Task.WhenAll(open);
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                var near = client.GetStream();
                if (await HttpHead.ReadAsync(near, LongestHead, _stop.Token) is not { } head)
                {
                    return;
                }

                using var far = await ConnectAsync(head.Host, head.Port);
                if (far is null)
                {
                    await near.WriteAsync(No, _stop.Token);
                    return;
                }

                await using var stream = new NetworkStream(far, ownsSocket: false);
                await (head.IsTunnel ? near : stream).WriteAsync(
                    head.IsTunnel ? "HTTP/1.1 200 OK\r\n\r\n"u8.ToArray() : Encoding.Latin1.GetBytes(head.Forwarded), _stop.Token);
                await stream.WriteAsync(head.Rest, _stop.Token);
                await RelayAsync(near, stream);
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            // One side left; the other sees its connection end.
        }
        finally
        {
            _room.Release();
        }
    }

    private async Task RelayAsync(Stream near, Stream far)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var down = far.CopyToAsync(near, either.Token);
        var up = near.CopyToAsync(far, either.Token);
        await Task.WhenAny(down, up);
        await either.CancelAsync();
        await Task.WhenAll(down, up).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<Socket?> ConnectAsync(string host, int port)
    {
        if (!_rules.Allows(host, port))
        {
            _fault = Refused(host, port);
            return null;
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        patience.CancelAfter(ConnectPatience);
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(host.Trim('[', ']'), patience.Token);
            if (!Array.TrueForAll(addresses, address => _rules.Allows(host, port, address)))
            {
                _fault = Refused(host, port);
                return null;
            }

            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(addresses, port, patience.Token);
                return socket;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
        catch (SocketException failed)
        {
            var (fault, problem) = failed.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => (SourceFault.Refused, "refused the connection"),
                SocketError.TimedOut => (SourceFault.Timeout, "did not answer in time"),
                _ => (SourceFault.Unreachable, "cannot be reached"),
            };
            _fault = new(fault, $"{_camera.Safe} {problem} ({host}:{port}: {failed.Message})", failed);
            return null;
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            _fault = new(SourceFault.Timeout, $"{_camera.Safe} did not answer in time ({host}:{port})");
            return null;
        }
    }

    private SourceException Refused(string host, int port) => new(
        SourceFault.Redirected,
        $"{_camera.Safe} sends us to {host}:{port}, which is another host; name it in redirect_hosts if that is right (this machine "
        + "itself, and link-local addresses, never are)");
}
