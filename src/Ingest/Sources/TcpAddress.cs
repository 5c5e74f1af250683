using System.Globalization;

namespace ActionStream.Ingest.Sources;

/// <summary>Where a camera listens, so that it can be asked without ffmpeg; never holds a password.</summary>
/// <param name="Greeting">What it must answer to, where it is known; otherwise that it accepts has to do.</param>
public sealed record TcpAddress(string Host, int Port, string? Greeting = null)
{
    /// <summary>Null for a camera that listens elsewhere, or where that cannot be told: devices, files, SRT, behind a
    /// proxy, with input arguments of its own.</summary>
    public static TcpAddress? Of(SourceOptions options) =>
        SourceAddress.TryParse(options.Url, out var address) && options.InputArguments.Count == 0
        && address.Kind is SourceKind.Rtsp or SourceKind.Rtmp or SourceKind.Http
        && !(address.Kind == SourceKind.Http && SiteProxy.IsOne(SiteProxy.OfEnvironment))
            ? Parse(address.Input)
            : null;

    // As ffmpeg takes it apart: the host begins after the last @ before the path.
    internal static TcpAddress? Parse(string url)
    {
        var start = url.IndexOf("://", StringComparison.Ordinal) + 3;
        var end = url.IndexOfAny(['/', '?', '#'], start) is > 0 and var path ? path : url.Length;
        var scheme = url[..(start - 3)].ToLowerInvariant();
        var authority = url[start..end];
        authority = authority[(authority.LastIndexOf('@') + 1)..];
        var afterHost = authority.StartsWith('[') ? authority.IndexOf(']', StringComparison.Ordinal) + 1
            : authority.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon ? colon : authority.Length;
        var (host, rest) = (authority[..afterHost].Trim('[', ']'), authority[afterHost..]);
        var port = PortOf(scheme);
        if (host.Length == 0 || (rest.Length > 0 && !IsPort(rest[1..], out port)))
        {
            return null;
        }

        return new(host, port, scheme == "rtsp" ? Options(authority, url[end..]) : null);
    }

    // The first words of every RTSP client. One that does not answer them cannot be opened by ffmpeg either.
    private static string Options(string authority, string path) =>
        $"OPTIONS rtsp://{authority}{path.Split('?', '#')[0]} RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: ActionStream\r\n\r\n";

    private static bool IsPort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and < 65536;

    private static int PortOf(string scheme) => scheme switch
    {
        "rtsp" => 554,
        "rtsps" => 322,
        "http" => 80,
        "rtmp" => 1935,
        _ => 443,
    };
}
