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

    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    // Not the one of ReachabilityCheck: hundreds of dead names there hold up no camera that is being opened.
    private static readonly NameLookup Names = new();

    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _room = new(MostConnections);
    private readonly SourceAddress _camera;
    private readonly RedirectRules _rules;
    private readonly TimeProvider _time;
    private readonly NameLookup _names;
    private readonly Func<TcpListener, CancellationToken, ValueTask<TcpClient>> _accept;
    private readonly Task _accepting;
    private volatile SourceException? _fault;

    /// <param name="names">What looks names up; the process's own where it is null.</param>
    /// <param name="listen">Opens a port on loopback.</param>
    /// <param name="accept">Waits for ffmpeg to connect.</param>
    internal HttpGate(
        SourceAddress camera, RedirectRules rules, TimeProvider time, NameLookup? names = null, Func<TcpListener>? listen = null,
        Func<TcpListener, CancellationToken, ValueTask<TcpClient>>? accept = null)
    {
        (_camera, _rules, _time, _names) = (camera, rules, time, names ?? Names);
        _accept = accept ?? ((listener, cancel) => listener.AcceptTcpClientAsync(cancel));
        try
        {
            _listener = (listen ?? Listen)();
        }
        catch (SocketException full)
        {
            _stop.Dispose();
            _room.Dispose();
            throw Limit(full);
        }

        _accepting = AcceptAsync();
    }

    /// <summary>What ffmpeg's environment has to say.</summary>
    public string Proxy => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>Why the last connection was not made; ffmpeg only knows that its proxy did not like it.</summary>
    public SourceException? Fault => _fault;

    /// <summary>Null where none is needed: other protocols, and a proxy of the owner's own or of the site's.</summary>
    /// <exception cref="SourceException">The address names no host, or this machine has no room.</exception>
    public static HttpGate? For(SourceAddress? camera, SourceOptions options, TimeProvider time) =>
        For(camera, options, time, SiteProxy.OfEnvironment);

    internal static HttpGate? For(SourceAddress? camera, SourceOptions options, TimeProvider time, string? siteProxy)
    {
        if (camera is not { Kind: SourceKind.Http } || SiteProxy.IsOne(siteProxy) || options.InputArguments.Contains("-http_proxy"))
        {
            return null;
        }

        try
        {
            return new(camera, new(new Uri(SafeUri.WithoutLogin(camera.Input)), options.RedirectHosts), time);
        }
        catch (Exception noName) when (noName is FormatException or ArgumentException)
        {
            throw new SourceException(SourceFault.NotFound, $"{camera.Safe} names no host", noName);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
        _room.Dispose();
    }

    private static TcpListener Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        try
        {
            listener.Start();
            return listener;
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    private async Task AcceptAsync()
    {
        HashSet<Task> open = [];
        while (!_stop.IsCancellationRequested)
        {
            await _room.WaitAsync(_stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                open.Add(ServeAsync(await _accept(_listener, _stop.Token)));
                open.RemoveWhere(task => task.IsCompleted);
            }
            catch (Exception failed)
            {
                if (_stop.IsCancellationRequested)
                {
                    break;
                }

                // Whoever waits at the door is let in when there is a file for him.
                _room.Release();
                _fault = Read(failed, _camera.Safe);
                await Task.Delay(AcceptPause, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
        catch (Exception unforeseen)
        {
            _fault = Read(unforeseen, _camera.Safe);
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

        using var late = new CancellationTokenSource(ConnectPatience, _time);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, late.Token);
        try
        {
            var addresses = await _names.FindAsync(host, patience.Token);
            if (!Array.TrueForAll(addresses, address => _rules.Allows(host, port, address)))
            {
                _fault = Refused(host, port);
                return null;
            }

            var socket = await AddressRace.ConnectAsync(addresses, port, _time, patience.Token);
            _fault = null; // what was refused before is not why it ends later
            return socket;
        }
        catch (Exception failed) when (!_stop.IsCancellationRequested)
        {
            _fault = Read(failed, $"{host}:{port}");
            return null;
        }
    }

    private SourceException Read(Exception failed, string target)
    {
        if (failed is SocketException { IsHostLimit: true })
        {
            return Limit(failed);
        }

        var (fault, problem) = failed switch
        {
            SocketException { SocketErrorCode: SocketError.ConnectionRefused } => (SourceFault.Refused, "refused the connection"),
            SocketException { SocketErrorCode: SocketError.TimedOut } or OperationCanceledException =>
                (SourceFault.Timeout, "did not answer in time"),
            SocketException => (SourceFault.Unreachable, "cannot be reached"),
            _ => (SourceFault.Internal, "could not be connected by an error nobody foresaw"),
        };
        return new(fault, $"{_camera.Safe} {problem} ({target}: {failed.Message})", failed);
    }

    private SourceException Limit(Exception full) =>
        new(SourceFault.HostLimit, $"this machine has no room for a connection to {_camera.Safe}: {full.Message}", full);

    private SourceException Refused(string host, int port) => new(
        SourceFault.Redirected,
        $"{_camera.Safe} sends us to {host}:{port}, which is another host; name it in redirect_hosts if that is right (this machine "
        + "itself, and link-local addresses, never are)");
}
