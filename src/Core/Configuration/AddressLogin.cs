using System.Net;

namespace ActionStream.Core.Configuration;

/// <summary>Where the login of an address stands, also where its password was typed with letters that end an address's host: then
/// programs take a piece of it for the host, and say so to everyone.</summary>
/// <param name="Start">Its first letter.</param>
/// <param name="At">The @ after it.</param>
/// <param name="Unencoded">The letters that have to be written as %XX; empty if the address is sound.</param>
internal readonly record struct AddressLogin(int Start, int At, string Unencoded)
{
    private static readonly char[] Stops = ['/', '?', '#'];

    /// <summary>Null if there is none.</summary>
    public static AddressLogin? Find(string address)
    {
        var start = address.IndexOf("://", StringComparison.Ordinal) + 3;
        var last = address.LastIndexOf('@');
        if (start < 3 || last < start)
        {
            return null;
        }

        var stop = address.IndexOfAny(Stops, start);
        if (stop < 0 || last < stop)
        {
            return new(start, last, "");
        }

        var plain = address.LastIndexOf('@', stop, stop - start + 1);
        var isLonger = IsHost(After(address, last)) && (plain >= 0
            ? !IsHost(address[(plain + 1)..stop])
            : IsLoginCut(address[start..stop], address[stop..last]));
        if (isLonger)
        {
            return new(start, last, string.Concat(address[start..last].Where(Stops.Contains).Distinct()));
        }

        return plain < 0 ? null : new(start, plain, "");
    }

    /// <summary>User and password as typed; no password where there is only one word.</summary>
    public (string User, string? Password) Of(string address) =>
        address[Start..At].Split(':', 2) is [var user, var password] ? (user, password) : (address[Start..At], null);

    // What stands before the first / ? or #: a host with its port, or a user and the beginning of a password?
    private static bool IsLoginCut(string before, string after) =>
        before.Split(':', 2) is [var host, var port] && !before.StartsWith('[')
            ? !IsHost(host) && (port.Length == 0 || !port.All(char.IsAsciiDigit) || !after.Contains('=', StringComparison.Ordinal))
            : !IsHost(before) && after.Contains(':', StringComparison.Ordinal) && !after.Contains('=', StringComparison.Ordinal);

    private static string After(string address, int at)
    {
        var end = address.IndexOfAny(Stops, at);
        return end < 0 ? address[(at + 1)..] : address[(at + 1)..end];
    }

    // A name without a dot may be one too, but so may a word of a password.
    private static bool IsHost(string text)
    {
        var colon = text.LastIndexOf(':');
        var name = colon > 0 && text[(colon + 1)..].All(char.IsAsciiDigit) ? text[..colon] : text;
        return name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (name.IndexOfAny(['.', ':']) >= 0 && IPAddress.TryParse(name.Trim('[', ']'), out _))
            || (name.Contains('.', StringComparison.Ordinal) && Uri.CheckHostName(name) != UriHostNameType.Unknown);
    }
}
