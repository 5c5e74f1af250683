using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Xml.Linq;
using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest.Onvif;

/// <summary>Calls to all cameras of the networks this machine is in, and gathers who answers: WS-Discovery, as ONVIF has it.</summary>
public sealed class WsDiscovery(TimeProvider time)
{
    /// <summary>More than a network holds of them; whoever answers without end is no camera.</summary>
    public const int Most = 1024;

    private const int LongestAnswer = 65_535;

    // A datagram may be lost, so the call is repeated; those who heard both answer both.
    private static readonly TimeSpan[] Calls = [TimeSpan.Zero, TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(700)];

    /// <summary>Where the standard has cameras listen.</summary>
    public static IPEndPoint Group { get; } = new(IPAddress.Parse("239.255.255.250"), 3702);

    /// <summary>Our own address on each network where all can be called, loopback left out.</summary>
    public static IReadOnlyList<IPAddress> Networks() =>
    [
        .. from network in NetworkInterface.GetAllNetworkInterfaces()
           where network.OperationalStatus == OperationalStatus.Up && network.SupportsMulticast
               && network.NetworkInterfaceType != NetworkInterfaceType.Loopback
           from address in Addresses(network)
           select address,
    ];

    /// <summary>Our own addresses on the interface of this name, or the address itself; empty where there is none.</summary>
    public static IReadOnlyList<IPAddress> NetworkOf(string name) => NetworkInterface.GetAllNetworkInterfaces()
        .Where(network => network.Name == name || Addresses(network).Any(address => address.ToString() == name))
        .SelectMany(Addresses).Where(address => !IPAddress.TryParse(name, out var only) || only.Equals(address)).ToArray();

    /// <summary>Everybody who answers in time, each once, in the order of their answers.</summary>
    /// <param name="from">Our own address on each network.</param>
    /// <param name="patience">How long answers are waited for.</param>
    public async Task<IReadOnlyList<DiscoveredDevice>> FindAsync(
        IReadOnlyList<IPAddress> from, TimeSpan patience, CancellationToken cancel)
    {
        using var late = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancel);
        var found = new List<DiscoveredDevice>();
        var asking = from.Select(address => AskAsync(address, device =>
        {
            lock (found)
            {
                if (found.Count < Most && found.TrueForAll(other => other.Endpoint != device.Endpoint))
                {
                    found.Add(device);
                }
            }
        }, either.Token)).ToArray();
        await Task.WhenAll(asking);
        cancel.ThrowIfCancellationRequested();
        return found;
    }

    /// <summary>The call: who transmits video?</summary>
    internal static byte[] Probe(Guid message) => SoapMessage.Write(
        [
            new(OnvifNames.FormerAddressing + "MessageID", $"uuid:{message}"),
            new(OnvifNames.FormerAddressing + "To", "urn:schemas-xmlsoap-org:ws:2005:04:discovery"),
            new(OnvifNames.FormerAddressing + "Action", "http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe"),
        ],
        new(
            OnvifNames.Discovery + "Probe",
            new XElement(
                OnvifNames.Discovery + "Types", new XAttribute(XNamespace.Xmlns + "dn", OnvifNames.Network.NamespaceName),
                "dn:NetworkVideoTransmitter")));

    /// <summary>Who answers in this datagram; empty for what is no answer to the call.</summary>
    internal static IReadOnlyList<DiscoveredDevice> Read(byte[] answer, IPAddress sender)
    {
        try
        {
            return Read(SoapMessage.Read(answer, sender.ToString()), sender);
        }
        catch (SourceException)
        {
            return []; // anybody may send us anything
        }
    }

    private static IReadOnlyList<DiscoveredDevice> Read(XElement envelope, IPAddress sender) =>
        envelope.Below("Body", "ProbeMatches") is { } matches
            ? [.. matches.AllBelow("ProbeMatch").Select(match => Device(match, sender)).OfType<DiscoveredDevice>()]
            : [];

    private static DiscoveredDevice? Device(XElement match, IPAddress sender)
    {
        var host = new Uri($"http://{(sender.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{sender}]" : sender)}/");
        var places = (match.TextBelow("XAddrs") ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Select(text => Uri.TryCreate(text, UriKind.Absolute, out var place) ? place : null).OfType<Uri>()
            .Where(place => place.Scheme == Uri.UriSchemeHttp || place.Scheme == Uri.UriSchemeHttps).ToArray();
        var best = places.FirstOrDefault(place => place.Host == host.Host) ?? places.FirstOrDefault();
        return match.TextBelow("EndpointReference", "Address") is { } endpoint && best is not null
            ? new(
                SoapMessage.Line(endpoint), new UriBuilder(best.Scheme, host.Host, best.Port, best.AbsolutePath, best.Query).Uri,
                NameOf(match.TextBelow("Scopes")))
            : null;
    }

    // onvif://www.onvif.org/name/Front%20Door
    private static string? NameOf(string? scopes)
    {
        const string Scope = "onvif://www.onvif.org/name/";
        var name = scopes?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .FirstOrDefault(scope => scope.StartsWith(Scope, StringComparison.OrdinalIgnoreCase))?[Scope.Length..];
        return name is { Length: > 0 } ? SoapMessage.Line(Uri.UnescapeDataString(name).Replace('_', ' ')) : null;
    }

    private async Task AskAsync(IPAddress from, Action<DiscoveredDevice> found, CancellationToken end)
    {
        using var socket = new Socket(from.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Bind(new IPEndPoint(from, 0));
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, from.GetAddressBytes());
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastTimeToLive, 1);
            await Task.WhenAll(CallAsync(socket, end), HearAsync(socket, found, end));
        }
        catch (Exception over) when (over is OperationCanceledException or SocketException)
        {
            // Time is up; or this network cannot be called, and others can.
        }
    }

    private async Task CallAsync(Socket socket, CancellationToken end)
    {
        var call = Probe(Guid.NewGuid());
        var before = TimeSpan.Zero;
        foreach (var at in Calls)
        {
            await Task.Delay(at - before, time, end);
            before = at;
            await socket.SendToAsync(call, Group, end);
        }
    }

    private static async Task HearAsync(Socket socket, Action<DiscoveredDevice> found, CancellationToken end)
    {
        var buffer = new byte[LongestAnswer];
        while (true)
        {
            var answer = await socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), end);
            foreach (var device in Read(buffer[..answer.ReceivedBytes], ((IPEndPoint)answer.RemoteEndPoint).Address))
            {
                found(device);
            }
        }
    }

    private static IEnumerable<IPAddress> Addresses(NetworkInterface network) => network.GetIPProperties().UnicastAddresses
        .Select(unicast => unicast.Address).Where(address => address.AddressFamily == AddressFamily.InterNetwork);
}
