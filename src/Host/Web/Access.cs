using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace ActionStream.Host.Web;

/// <summary>What to answer someone who wants to see cameras.</summary>
internal enum Entry
{
    Granted,

    /// <summary>Who is it? A browser asks its user.</summary>
    AskWho,

    /// <summary>Nobody, or not under this name.</summary>
    Refused,
}

/// <summary>Decides who may see what cameras see. Secrets are compared in constant time and never leave this class.</summary>
/// <remarks>
/// Without a login only this machine is served, and only under a loopback name: a page somewhere on the web can make a
/// browser ask us under a name of its own that leads here (DNS rebinding), and would then read the answer.
/// </remarks>
internal sealed class Access(HttpOptions options)
{
    /// <summary>How long a wrong answer takes, so that guessing does.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    // Digests of equal length, under a key that nobody knows: neither length nor content of a secret shows in the time.
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    public Entry Judge(HostString host, string? authorization)
    {
        if (options.WhyClosed is not null)
        {
            return Entry.Refused;
        }

        if (!options.IsGuarded)
        {
            return IsLoopbackName(host.Host) ? Entry.Granted : Entry.Refused;
        }

        return authorization is not null && Knows(authorization) ? Entry.Granted : Entry.AskWho;
    }

    private static bool IsLoopbackName(string name) =>
        name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(name.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private bool Knows(string authorization)
    {
        if (authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return IsToken(authorization["Bearer ".Length..].Trim());
        }

        if (!authorization.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var bytes = new byte[authorization.Length];
        if (!Convert.TryFromBase64String(authorization["Basic ".Length..].Trim(), bytes, out var length)
            || Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2) is not [var user, var password])
        {
            return false;
        }

        // All of it, whatever the first half says.
        var isUser = !options.Password.IsEmpty & Same(user, options.Username) & Same(password, options.Password.Reveal());
        return isUser | IsToken(password);
    }

    private bool IsToken(string given) => !options.Token.IsEmpty & Same(given, options.Token.Reveal());

    private bool Same(string given, string? wanted) => CryptographicOperations.FixedTimeEquals(Digest(given), Digest(wanted ?? ""));

    private byte[] Digest(string text) => HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(text));
}
