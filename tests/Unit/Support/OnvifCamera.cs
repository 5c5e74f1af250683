using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace ActionStream.Support;

/// <summary>One stream that the camera offers.</summary>
public sealed record OfferedStream(
    string Token, int Width, int Height, int Fps, int Kilobits, string Uri, string Encoding = "H264", string Source = "lens0");

/// <summary>How the camera wants to be asked.</summary>
public enum OnvifLoginKind
{
    /// <summary>It asks nobody.</summary>
    None,

    /// <summary>A digest inside the message, made for its own clock.</summary>
    UsernameToken,

    /// <summary>HTTP's digest.</summary>
    HttpDigest,
}

/// <summary>A camera that speaks ONVIF as the standard has it, by none of the product's code: services, profiles, addresses, events to
/// be fetched. It is strict: what the standard asks of a client it asks, and complains.</summary>
public sealed partial class OnvifCamera : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly CancellationTokenSource _over = new();
    private readonly ConcurrentDictionary<string, bool> _nonces = new();
    private readonly ConcurrentDictionary<string, Channel> _channels = new();
    private readonly string _httpNonce = Guid.NewGuid().ToString("N");
    private int _subscriptions;

    /// <summary>Messages that wait in one subscription.</summary>
    private sealed class Channel
    {
        public ConcurrentQueue<string> Messages { get; } = new();

        public SemaphoreSlim Any { get; } = new(0);
    }

    public OnvifCamera(params OfferedStream[] streams)
    {
        Streams = streams;
        Port = FreePort();
        _listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
        _listener.Start();
        _ = Task.Run(AcceptAsync);
    }

    public IReadOnlyList<OfferedStream> Streams { get; }

    public int Port { get; }

    public string Address => $"http://127.0.0.1:{Port}/onvif/device_service";

    public OnvifLoginKind Kind { get; init; } = OnvifLoginKind.UsernameToken;

    public string User { get; init; } = "admin";

    public string Password { get; init; } = "hunter2-secret";

    public string Model { get; init; } = "CAM-1";

    /// <summary>Its clock against the true one: cameras are off by hours, and more.</summary>
    public TimeSpan ClockOffset { get; init; }

    /// <summary>The host it believes to be; behind a router it is wrong.</summary>
    public string OwnHost { get; init; } = "127.0.0.1";

    /// <summary>It has the second media service only, and lists it by GetServices.</summary>
    public bool IsMedia2 { get; init; }

    /// <summary>It is older than GetServices.</summary>
    public bool IsOld { get; init; }

    /// <summary>It takes no filters of events.</summary>
    public bool RefusesFilters { get; init; }

    /// <summary>Instead of any answer.</summary>
    public string? Instead { get; init; }

    /// <summary>Requests by name, in order; with a ! where they were refused.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>What a client did against the standard.</summary>
    public ConcurrentQueue<string> Complaints { get; } = new();

    /// <summary>Subscriptions that stand.</summary>
    public int Subscribers => _channels.Count;

    /// <summary>Says to all who subscribed that motion began or ended.</summary>
    public void Move(bool isOn, string topic = "tns1:RuleEngine/CellMotionDetector/Motion", string item = "IsMotion", string rule = "r1")
    {
        var message = OnvifAnswers.Motion(topic, item, isOn, rule);
        foreach (var channel in _channels.Values)
        {
            channel.Messages.Enqueue(message);
            channel.Any.Release();
        }
    }

    /// <summary>Forgets its subscriptions, as at a restart.</summary>
    public void Restart() => _channels.Clear();

    public void Dispose()
    {
        if (_listener.IsListening)
        {
            _over.Cancel();
            _listener.Close();
            _over.Dispose();
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                _ = Task.Run(() => AnswerAsync(context));
            }
        }
        catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
            var text = await reader.ReadToEndAsync();
            var (code, answer) = Instead is null ? await AnswerAsync(context.Request, text, context.Response) : (200, Instead);
            var bytes = Encoding.UTF8.GetBytes(answer);
            context.Response.StatusCode = code;
            context.Response.ContentType = "application/soap+xml; charset=utf-8";
            context.Response.ContentLength64 = bytes.Length;
            await context.Response.OutputStream.WriteAsync(bytes);
            context.Response.Close();
        }
        catch (Exception gone) when (gone is HttpListenerException or ObjectDisposedException or OperationCanceledException or IOException)
        {
            // Whoever asked has left.
        }
    }

    private async Task<(int Code, string Answer)> AnswerAsync(HttpListenerRequest request, string text, HttpListenerResponse response)
    {
        var envelope = XElement.Parse(text);
        XNamespace soap = "http://www.w3.org/2003/05/soap-envelope";
        var body = envelope.Element(soap + "Body")?.Elements().FirstOrDefault();
        if (envelope.Name != soap + "Envelope" || body is null || request.ContentType?.StartsWith("application/soap+xml") != true)
        {
            Complaints.Enqueue($"no SOAP 1.2: {text}");
            return (400, OnvifAnswers.Fault("env:Sender", "ter:WellFormed", "no SOAP"));
        }

        var name = body.Name.LocalName;
        if (name != "GetSystemDateAndTime" && !IsAllowed(request, envelope, response))
        {
            Asked.Enqueue($"{name}!");
            return Kind == OnvifLoginKind.HttpDigest
                ? (401, "")
                : (400, OnvifAnswers.Fault("env:Sender", "ter:NotAuthorized", "Sender not Authorized"));
        }

        Asked.Enqueue(name);
        return name switch
        {
            "PullMessages" or "Renew" or "Unsubscribe" => await OfSubscriptionAsync(name, request, envelope, body),
            "CreatePullPointSubscription" => Subscribe(body),
            _ => OnvifAnswers.Of(this, body, DateTimeOffset.UnixEpoch + Now()) is { } answer
                ? (200, answer)
                : (400, OnvifAnswers.Fault("env:Sender", "ter:ActionNotSupported", $"{name} is not supported")),
        };
    }

    private TimeSpan Now() => TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch + ClockOffset;

    private bool IsAllowed(HttpListenerRequest request, XElement envelope, HttpListenerResponse response) => Kind switch
    {
        OnvifLoginKind.UsernameToken => IsToken(envelope),
        OnvifLoginKind.HttpDigest => IsDigest(request, response),
        _ => true,
    };

    [SuppressMessage("Security", "CA5350", Justification = "The standard has no other digest.")]
    private bool IsToken(XElement envelope)
    {
        string? Text(string name) => envelope.Descendants().FirstOrDefault(element => element.Name.LocalName == name)?.Value;
        if (Text("Username") is not { } user || Text("Nonce") is not { } nonce || Text("Created") is not { } created)
        {
            return false;
        }

        if (!_nonces.TryAdd(nonce, true))
        {
            Complaints.Enqueue("a nonce came twice");
            return false;
        }

        var at = DateTimeOffset.Parse(created, CultureInfo.InvariantCulture) - DateTimeOffset.UnixEpoch;
        var digest = Convert.ToBase64String(SHA1.HashData(
            [.. Convert.FromBase64String(nonce), .. Encoding.UTF8.GetBytes(created), .. Encoding.UTF8.GetBytes(Password)]));
        return user == User && digest == Text("Password") && (at - Now()).Duration() < TimeSpan.FromSeconds(10);
    }

    private bool IsDigest(HttpListenerRequest request, HttpListenerResponse response)
    {
        var fields = Field().Matches(request.Headers["Authorization"] ?? "")
            .ToDictionary(field => field.Groups[1].Value, field => field.Groups[2].Value.Trim('"'));
        if (fields.TryGetValue("username", out var user) && user == User && fields["nonce"] == _httpNonce)
        {
            var who = Md5($"{User}:onvif:{Password}");
            var what = Md5($"POST:{fields["uri"]}");
            return fields["response"] == Md5($"{who}:{_httpNonce}:{fields["nc"]}:{fields["cnonce"]}:auth:{what}");
        }

        response.AddHeader("WWW-Authenticate", $"Digest realm=\"onvif\", nonce=\"{_httpNonce}\", qop=\"auth\", algorithm=MD5");
        return false;
    }

    private (int, string) Subscribe(XElement body)
    {
        var filter = body.Descendants().FirstOrDefault(element => element.Name.LocalName == "TopicExpression");
        if (RefusesFilters && filter is not null)
        {
            return (400, OnvifAnswers.Fault("env:Sender", "ter:InvalidFilterFault", "no filters here"));
        }

        if (filter is not null && (filter.GetNamespaceOfPrefix("tns1")?.NamespaceName != "http://www.onvif.org/ver10/topics"
            || filter.Attribute("Dialect")?.Value != "http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet"))
        {
            Complaints.Enqueue($"a filter that names nothing: {filter}");
        }

        var id = Interlocked.Increment(ref _subscriptions).ToString(CultureInfo.InvariantCulture);
        _channels[id] = new();
        return (200, OnvifAnswers.Subscribed($"http://{OwnHost}:{Port}/onvif/events", id));
    }

    private async Task<(int, string)> OfSubscriptionAsync(string name, HttpListenerRequest request, XElement envelope, XElement body)
    {
        XNamespace addressing = "http://www.w3.org/2005/08/addressing";
        var header = envelope.Elements().First();
        if (header.Element(addressing + "To") is null
            || header.Element(addressing + "Action")?.Value.EndsWith($"{name}Request", StringComparison.Ordinal) != true)
        {
            Complaints.Enqueue($"{name} without wsa:To or its wsa:Action");
        }

        var id = header.Elements().FirstOrDefault(element => element.Name == "{urn:maker}SubscriptionId")?.Value;
        if (id is null || !_channels.TryGetValue(id, out var channel))
        {
            return (400, OnvifAnswers.Fault("env:Sender", "ter:InvalidArgVal", "no such subscription"));
        }

        if (name == "Unsubscribe")
        {
            _channels.TryRemove(id, out _);
        }

        if (name != "PullMessages")
        {
            return (200, OnvifAnswers.Done(name));
        }

        var hold = System.Xml.XmlConvert.ToTimeSpan(body.Elements().First(element => element.Name.LocalName == "Timeout").Value);
        await channel.Any.WaitAsync(hold, _over.Token);
        return (200, OnvifAnswers.Pulled([.. Enumerable.Range(0, 8).Select(_ =>
            channel.Messages.TryDequeue(out var message) ? message : "")]));
    }

    [SuppressMessage("Security", "CA5351", Justification = "Cameras have no other digest.")]
    private static string Md5(string text) => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)));

    [GeneratedRegex("(\\w+)=(\"[^\"]*\"|[^,\\s]+)")]
    private static partial Regex Field();
}
