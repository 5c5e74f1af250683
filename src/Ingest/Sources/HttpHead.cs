using System.Globalization;
using System.Text;

namespace ActionStream.Ingest.Sources;

/// <summary>The head of a request as a proxy gets it, and as the camera is to get it.</summary>
/// <param name="IsTunnel">CONNECT: what follows is TLS and none of our business.</param>
/// <param name="Forwarded">The head for the camera; it closes the connection after its answer.</param>
/// <param name="Rest">What came after the head.</param>
internal sealed record HttpHead(bool IsTunnel, string Host, int Port, string Forwarded, ReadOnlyMemory<byte> Rest)
{
    /// <summary>Null if the other side left, or said something else.</summary>
    public static async Task<HttpHead?> ReadAsync(Stream from, int longest, CancellationToken cancel)
    {
        var bytes = new byte[longest];
        for (var length = 0; length < longest;)
        {
            var count = await from.ReadAsync(bytes.AsMemory(length), cancel);
            if (count == 0)
            {
                return null;
            }

            length += count;
            if (bytes.AsSpan(0, length).IndexOf("\r\n\r\n"u8) is >= 0 and var end)
            {
                return Parse(Encoding.Latin1.GetString(bytes, 0, end), bytes.AsMemory((end + 4)..length));
            }
        }

        return null;
    }

    public static HttpHead? Parse(string head, ReadOnlyMemory<byte> rest)
    {
        var lines = head.Split("\r\n");
        if (lines[0].Split(' ') is not [var method, var target, var version])
        {
            return null;
        }

        if (method == "CONNECT")
        {
            return target.LastIndexOf(':') is > 0 and var colon
                && ushort.TryParse(target[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
                ? new(true, Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(target[..colon])), port, "", rest)
                : null;
        }

        if (!target.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || !Uri.TryCreate(target, UriKind.Absolute, out var uri))
        {
            return null;
        }

        // The path as ffmpeg wrote it: what Uri makes of it may be spelt otherwise.
        var path = target.IndexOfAny(['/', '?'], "http://".Length) is >= 0 and var start ? target[start..] : "/";
        var headers = lines.Skip(1).Where(line =>
            !line.StartsWith("Connection:", StringComparison.OrdinalIgnoreCase)
            && !line.StartsWith("Proxy-", StringComparison.OrdinalIgnoreCase));
        return new(
            false, uri.IdnHost, uri.Port,
            $"{method} {(path.StartsWith('/') ? path : "/" + path)} {version}\r\n{string.Join("\r\n", headers)}\r\n"
                + "Connection: close\r\n\r\n",
            rest);
    }
}
