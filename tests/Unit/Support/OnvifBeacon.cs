using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Xml.Linq;

namespace ActionStream.Support;

/// <summary>Answers the call to all cameras on loopback, as a camera does: once for each call that it hears.</summary>
public sealed class OnvifBeacon : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly string _endpoint;
    private readonly string _addresses;
    private readonly string _scopes;

    /// <param name="addresses">Where it says that it answers, several with spaces between them.</param>
    public OnvifBeacon(string endpoint, string addresses, string scopes)
    {
        (_endpoint, _addresses, _scopes) = (endpoint, addresses, scopes);
        _socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _socket.Bind(new IPEndPoint(IPAddress.Any, 3702));
        _socket.SetSocketOption(
            SocketOptionLevel.IP, SocketOptionName.AddMembership,
            new MulticastOption(IPAddress.Parse("239.255.255.250"), IPAddress.Loopback));
        new Thread(Serve) { IsBackground = true, Name = "beacon" }.Start();
    }

    /// <summary>Calls that it heard.</summary>
    public int Heard { get; private set; }

    /// <summary>False where this machine lets nobody call all on loopback.</summary>
    public static bool IsPossible()
    {
        try
        {
            using var beacon = new OnvifBeacon("urn:uuid:none", "http://127.0.0.1:9/", "");
            using var caller = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            caller.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            caller.SetSocketOption(
                SocketOptionLevel.IP, SocketOptionName.MulticastInterface, IPAddress.Loopback.GetAddressBytes());
            caller.SendTo("?"u8, new IPEndPoint(IPAddress.Parse("239.255.255.250"), 3702));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public static string Matches(string relatesTo, string endpoint, string addresses, string scopes) => $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing"
        xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><e:Header>
        <w:MessageID>uuid:{Guid.NewGuid()}</w:MessageID><w:RelatesTo>{relatesTo}</w:RelatesTo>
        <w:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</w:To>
        <w:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</w:Action></e:Header><e:Body><d:ProbeMatches><d:ProbeMatch>
        <w:EndpointReference><w:Address>{endpoint}</w:Address></w:EndpointReference><d:Types>dn:NetworkVideoTransmitter</d:Types>
        <d:Scopes>{scopes}</d:Scopes><d:XAddrs>{addresses}</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion>
        </d:ProbeMatch></d:ProbeMatches></e:Body></e:Envelope>
        """;

    public void Dispose() => _socket.Dispose();

    private void Serve()
    {
        var buffer = new byte[65_535];
        try
        {
            while (true)
            {
                EndPoint caller = new IPEndPoint(IPAddress.Any, 0);
                var length = _socket.ReceiveFrom(buffer, ref caller);
                var text = Encoding.UTF8.GetString(buffer, 0, length);

                // Only loopback is answered: nobody else's call is ours.
                if (!IPAddress.IsLoopback(((IPEndPoint)caller).Address) || !text.StartsWith('<'))
                {
                    continue;
                }

                var call = XElement.Parse(text);
                XNamespace addressing = "http://schemas.xmlsoap.org/ws/2004/08/addressing";
                XNamespace discovery = "http://schemas.xmlsoap.org/ws/2005/04/discovery";
                var types = call.Descendants(discovery + "Types").FirstOrDefault();
                if (types?.Value == "dn:NetworkVideoTransmitter"
                    && types.GetNamespaceOfPrefix("dn")?.NamespaceName == "http://www.onvif.org/ver10/network/wsdl")
                {
                    Heard++;
                    var message = call.Descendants(addressing + "MessageID").First().Value;
                    _socket.SendTo(Encoding.UTF8.GetBytes(Matches(message, _endpoint, _addresses, _scopes)), caller);
                }
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
