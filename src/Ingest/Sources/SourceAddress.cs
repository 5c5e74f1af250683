using ActionStream.Core.Configuration;

namespace ActionStream.Ingest.Sources;

/// <summary>What kind of source an address names; each kind has input options of its own.</summary>
public enum SourceKind
{
    Rtsp,
    Http,
    Rtmp,
    Srt,
    File,
    V4l2,
    Lavfi,
}

/// <summary>A camera's address, taken apart far enough to know how to open it.</summary>
/// <param name="Input">What ffmpeg gets after -i; may hold a password.</param>
/// <param name="Safe">The address without credentials, for people.</param>
public sealed record SourceAddress(SourceKind Kind, string Input, string Safe)
{
    public const string Expected =
        "rtsp://, rtsps://, http://, https://, rtmp://, rtmps://, srt://, file://, a path, "
        + "v4l2:///dev/video0 or lavfi:testsrc2=size=640x360:rate=25";

    /// <summary>True for sources that run at their own pace and have no end: what they say now is worth more than what they said.</summary>
    public bool IsLive => Kind is not (SourceKind.File or SourceKind.Lavfi);

    /// <summary>True for sources behind a network, of which nobody knows what they will do.</summary>
    public bool IsNetwork => Kind is SourceKind.Rtsp or SourceKind.Http or SourceKind.Rtmp or SourceKind.Srt;

    /// <summary>True for a playlist (HLS, DASH): its frames come some seconds at a time.</summary>
    public bool IsPlaylist => Kind == SourceKind.Http && Path.GetExtension(Input.Split('?', '#')[0]).ToLowerInvariant()
        is ".m3u8" or ".m3u" or ".mpd";

    /// <summary>The printed form would otherwise hold the password.</summary>
    public override string ToString() => Safe;

    public static bool TryParse(string url, out SourceAddress address)
    {
        address = Parse(url)!;
        return address is not null;
    }

    private static SourceAddress? Parse(string url)
    {
        var safe = SafeUri.Of(url);
        if (url.Trim().Length == 0 || SafeUri.WhyMisread(url) is not null)
        {
            return null;
        }

        if (Rest(url, "lavfi:") is { Length: > 0 } graph)
        {
            return new(SourceKind.Lavfi, graph.TrimStart('/'), safe);
        }

        if (Rest(url, "v4l2:") is { Length: > 0 } device)
        {
            return new(SourceKind.V4l2, "/" + device.TrimStart('/'), safe);
        }

        if (Rest(url, "file:") is { Length: > 0 } file)
        {
            return File(file.StartsWith("//", StringComparison.Ordinal) ? file[2..] : file, safe);
        }

        var scheme = url.IndexOf("://", StringComparison.Ordinal);
        return scheme < 0
            ? File(url, safe)
            : scheme + 3 == url.Length ? null : url[..scheme].ToLowerInvariant() switch
            {
                "rtsp" or "rtsps" => new(SourceKind.Rtsp, url, safe),
                "http" or "https" => new(SourceKind.Http, url, safe),
                "rtmp" or "rtmps" => new(SourceKind.Rtmp, url, safe),
                "srt" => new(SourceKind.Srt, url, safe),
                _ => null,
            };
    }

    // "file:" before the path, so that a name such as concat:x or -y is a name and nothing else.
    private static SourceAddress? File(string path, string safe) =>
        path.Length == 0 ? null : new(SourceKind.File, "file:" + Path.GetFullPath(path), safe);

    private static string? Rest(string url, string prefix) =>
        url.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? url[prefix.Length..] : null;
}
