using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ActionStream.Ingest.Sources;

/// <summary>Where an HTTP camera may send us: to itself, and to hosts that its owner named. What a camera says is not what its owner
/// said, and this machine can reach more than the camera can.</summary>
public sealed class RedirectRules
{
    private readonly string _host;
    private readonly int _port;
    private readonly IReadOnlyList<string> _others;

    /// <param name="camera">Its address.</param>
    /// <param name="others">Other hosts; *.example.com for all below one.</param>
    public RedirectRules(Uri camera, IReadOnlyList<string> others) =>
        (_host, _port, _others) = (camera.IdnHost, camera.Port, others);

    /// <summary>True if it may send us there, wherever the name leads: that is asked of
    /// <see cref="Allows(string, int, IPAddress)"/>.</summary>
    public bool Allows(string host, int port) =>
        IsCamera(host) ? port == _port || !IsInner(host) : _others.Any(other => Fits(host, other));

    /// <summary>True if the address that a name leads to may be connected. Never this machine and its link, unless the camera's own
    /// address is there; and then only its own port.</summary>
    public bool Allows(string host, int port, IPAddress address) => !IsInner(address) || (IsCamera(host) && port == _port);

    private bool IsCamera(string host) => Same(host, _host);

    private static bool Fits(string host, string other) => other.StartsWith("*.", StringComparison.Ordinal)
        ? Plain(host).EndsWith("." + Plain(other[2..]), StringComparison.Ordinal)
        : Same(host, other);

    private static bool Same(string one, string other) => Plain(one) == Plain(other);

    // One address and one name have many spellings.
    private static string Plain(string host)
    {
        host = host.Trim('[', ']').TrimEnd('.');
        if (IPAddress.TryParse(host, out var address))
        {
            return (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();
        }

        try
        {
            return new IdnMapping().GetAscii(host).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return host.ToLowerInvariant(); // no name that could be asked for
        }
    }

    private static bool IsInner(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IsInner(address));

    private static bool IsInner(IPAddress address)
    {
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return IPAddress.IsLoopback(address) || address.IsIPv6LinkLocal || address.Equals(IPAddress.IPv6Any)
            || (address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes() is [0, ..] or [127, ..] or [169, 254, ..]);
    }
}
