using System.Net;
using System.Net.Sockets;

namespace ActionStream.EndToEnd.Support;

/// <summary>Ports on loopback that nobody uses at the moment.</summary>
internal static class Ports
{
    public static int Free()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
