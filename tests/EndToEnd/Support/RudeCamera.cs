using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ActionStream.EndToEnd.Support;

/// <summary>Listens where a camera should be, and answers every request with what a test says; an answer of null is silence.</summary>
internal sealed class RudeCamera : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<string, string?> _answer;
    private readonly X509Certificate2? _certificate;
    private readonly Task _accepting;
    private int _requests;

    /// <param name="answer">From the whole head of a request to the whole answer.</param>
    /// <param name="certificate">With one it speaks TLS.</param>
    public RudeCamera(Func<string, string?> answer, X509Certificate2? certificate = null)
    {
        (_answer, _certificate) = (answer, certificate);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Requests so far.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> open = [];
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                open.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
            catch (Exception stopped) when (stopped is OperationCanceledException or SocketException)
            {
                break;
            }
        }

        await Task.WhenAll(open);
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await using var stream = await OpenAsync(client);
                var bytes = new byte[16_384];
                for (int length; (length = await stream.ReadAsync(bytes, _stop.Token)) > 0;)
                {
                    Interlocked.Increment(ref _requests);
                    if (_answer(Encoding.UTF8.GetString(bytes, 0, length)) is { } answer)
                    {
                        await stream.WriteAsync(Encoding.Latin1.GetBytes(answer), _stop.Token); // so that it can be any bytes
                    }
                }
            }
            catch (Exception gone) when (gone is OperationCanceledException or IOException or SocketException or AuthenticationException)
            {
                // The other side left, or the test is over.
            }
        }
    }

    private async Task<Stream> OpenAsync(TcpClient client)
    {
        if (_certificate is null)
        {
            return client.GetStream();
        }

        var stream = new SslStream(client.GetStream());
        await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stop.Token);
        return stream;
    }
}
