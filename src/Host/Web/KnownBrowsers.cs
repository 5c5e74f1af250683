using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace ActionStream.Host.Web;

/// <summary>Remembers browsers that were let in, by a cookie of 32 random bytes: it lets nobody in, but a guesser behind the same proxy
/// does not keep them out.</summary>
internal sealed class KnownBrowsers
{
    private const string Name = "actionstream";
    private const int Most = 256;

    private readonly Lock _lock = new();
    private readonly Queue<string> _order = new();
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    public bool Knows(HttpRequest request)
    {
        if (!request.Cookies.TryGetValue(Name, out var cookie) || string.IsNullOrEmpty(cookie))
        {
            return false;
        }

        lock (_lock)
        {
            return _known.Contains(cookie);
        }
    }

    /// <summary>From here on it is known.</summary>
    public void LetIn(HttpContext http)
    {
        if (Knows(http.Request))
        {
            return;
        }

        var cookie = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        lock (_lock)
        {
            _known.Add(cookie);
            _order.Enqueue(cookie);
            if (_order.Count > Most)
            {
                _known.Remove(_order.Dequeue());
            }
        }

        http.Response.Cookies.Append(Name, cookie, new() { HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/" });
    }
}
