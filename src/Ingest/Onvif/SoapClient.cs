using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Xml.Linq;
using ActionStream.Core.Configuration;
using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest.Onvif;

/// <summary>Asks one camera in SOAP: one request, one answer, or the reason why there is none in the words of cameras' faults.</summary>
/// <remarks>
/// The login goes inside the message; a camera that asks for HTTP's digest instead gets that from then on. The password itself is
/// never sent but inside TLS. No redirect is followed, and no proxy asked: the camera is where its address says.
/// </remarks>
public sealed class SoapClient(OnvifLogin? login, TimeProvider time) : IDisposable
{
    /// <summary>How long a camera may take over an answer: small processors sign slowly.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly HttpClient _plain = Client(null);
    private readonly HttpClient _digest = Client(login is null ? null : new DigestOnly(login));
    private volatile bool _wantsDigest;

    /// <summary>What the camera's clock is ahead of ours.</summary>
    public TimeSpan ClockOffset { get; set; }

    /// <summary>The first element of the answer's body.</summary>
    /// <param name="isOpen">Asked of strangers too, so without login.</param>
    /// <param name="headers">More headers of the message.</param>
    /// <exception cref="SourceException">There is no answer, or a refusal.</exception>
    public async Task<XElement> AskAsync(
        Uri to, string action, XElement request, CancellationToken cancel, bool isOpen = false,
        IReadOnlyList<XElement>? headers = null, TimeSpan? patience = null)
    {
        using var late = new CancellationTokenSource(patience ?? Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancel);
        var safe = SafeUri.Of(to.OriginalString);
        try
        {
            var isSigned = login is not null && !isOpen;
            using var first = await SendAsync(to, action, request, headers ?? [], isSigned, either.Token);
            if (first.StatusCode != HttpStatusCode.Unauthorized || !isSigned || _wantsDigest || first.Headers.WwwAuthenticate.Count == 0)
            {
                return await ReadAsync(first, safe, either.Token);
            }

            _wantsDigest = true;
            using var second = await SendAsync(to, action, request, headers ?? [], isSigned, either.Token);
            return await ReadAsync(second, safe, either.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            throw new SourceException(
                SourceFault.Timeout, $"{safe} did not answer within {SettingText.Of(patience ?? Patience)}");
        }
        catch (HttpRequestException broken)
        {
            throw new SourceException(FaultOf(broken), $"{safe}: {WhyOf(broken)}", broken);
        }
        catch (IOException broken)
        {
            throw new SourceException(SourceFault.Broken, $"{safe} broke off within its answer", broken);
        }
    }

    public void Dispose()
    {
        _plain.Dispose();
        _digest.Dispose();
    }

    private async Task<HttpResponseMessage> SendAsync(
        Uri to, string action, XElement request, IReadOnlyList<XElement> headers, bool isSigned, CancellationToken cancel)
    {
        XElement[] all = isSigned && !_wantsDigest
            ? [UsernameToken.Of(login!, time.GetUtcNow() + ClockOffset, RandomNumberGenerator.GetBytes(16)), .. headers]
            : [.. headers];
        using var message = new HttpRequestMessage(HttpMethod.Post, to)
        {
            Content = new ByteArrayContent(SoapMessage.Write(all, request)),
        };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/soap+xml", "utf-8")
        {
            Parameters = { new NameValueHeaderValue("action", $"\"{action}\"") },
        };
        return await (isSigned && _wantsDigest ? _digest : _plain).SendAsync(message, cancel);
    }

    private async Task<XElement> ReadAsync(HttpResponseMessage answer, string safe, CancellationToken cancel)
    {
        if (answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            throw Refused(safe);
        }

        if (answer.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.BadRequest or HttpStatusCode.InternalServerError))
        {
            throw new SourceException(
                answer.StatusCode == HttpStatusCode.NotFound ? SourceFault.NotFound : SourceFault.Broken,
                $"{safe} answers HTTP {(int)answer.StatusCode}; expected ONVIF");
        }

        var envelope = SoapMessage.Read(await answer.Content.ReadAsByteArrayAsync(cancel), safe);
        var body = envelope.Below("Body")!.Elements().FirstOrDefault()
            ?? throw new SourceException(SourceFault.Broken, $"{safe} answers with an empty message");
        return body.Name.LocalName != "Fault" ? body : throw OfFault(body, safe);
    }

    private SourceException OfFault(XElement fault, string safe)
    {
        var codes = fault.Descendants().Where(code => code.Name.LocalName == "Value").Select(code => code.Value).ToArray();
        var reason = fault.TextBelow("Reason", "Text") ?? fault.TextBelow("faultstring") ?? "no reason given";
        var isRefused = codes.Any(code =>
            code.Contains("NotAuthorized", StringComparison.Ordinal) || code.Contains("FailedAuthentication", StringComparison.Ordinal)
            || code.Contains("FailedCheck", StringComparison.Ordinal) || code.Contains("InvalidSecurity", StringComparison.Ordinal));
        return isRefused
            ? Refused(safe)
            : new(SourceFault.Broken, $"{safe} refuses: {SoapMessage.Line(reason)} ({SoapMessage.Line(string.Join(' ', codes))})");
    }

    private SourceException Refused(string safe) => new(
        SourceFault.Unauthorized,
        login is null
            ? $"{safe} wants a login"
            : $"{safe} does not take this user and password; its ONVIF users may be a list of their own");

    private static SourceFault FaultOf(HttpRequestException broken) => (broken.InnerException as SocketException)?.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => SourceFault.Refused,
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.HostDown or SocketError.NetworkDown
            or SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => SourceFault.Unreachable,
        SocketError.TimedOut => SourceFault.Timeout,
        _ => broken.HttpRequestError == HttpRequestError.NameResolutionError ? SourceFault.Unreachable : SourceFault.Broken,
    };

    private static string WhyOf(HttpRequestException broken) => broken.HttpRequestError switch
    {
        HttpRequestError.SecureConnectionError => "its certificate cannot be verified, or it does not speak TLS",
        HttpRequestError.ConfigurationLimitExceeded => $"its answer is longer than {SoapMessage.Longest} bytes",
        _ => FaultOf(broken) switch
        {
            SourceFault.Refused => "nobody listens there",
            SourceFault.Unreachable => "no way to the host, or no such name",
            SourceFault.Timeout => "no answer",
            _ => "it speaks no HTTP",
        },
    };

    private static HttpClient Client(ICredentials? credentials) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        Credentials = credentials,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(20),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan, // each request has its own
        MaxResponseContentBufferSize = SoapMessage.Longest,
    };
}
