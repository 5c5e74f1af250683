using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace ActionStream.Ingest.Sources;

/// <summary>Asks a playlist how long its segments are: for as long it may be silent, and not much longer.</summary>
/// <remarks>
/// ffmpeg knows and does not say. One small request beside its own; whatever goes wrong with it, the usual length is
/// taken. Another host is not asked, wherever the answer points.
/// </remarks>
internal static class Playlist
{
    private const int MaxBytes = 64 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly HttpClient Client = new(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        MaxResponseContentBufferSize = MaxBytes,
        Timeout = Patience,
    };

    /// <summary>The longest a segment may be; null if nobody says. Never throws.</summary>
    public static async Task<TimeSpan?> SegmentLengthAsync(string url, CancellationToken cancel)
    {
        try
        {
            var address = new Uri(url);
            var text = await GetAsync(address, cancel);
            return TargetDuration(text)
                ?? (Variant(address, text) is { } variant ? TargetDuration(await GetAsync(variant, cancel)) : null);
        }
        catch (Exception unknown) when (unknown is HttpRequestException or OperationCanceledException or UriFormatException)
        {
            return null;
        }
    }

    /// <summary>What a media playlist promises of its segments; null for any other text.</summary>
    internal static TimeSpan? TargetDuration(string text)
    {
        const string Tag = "#EXT-X-TARGETDURATION:";
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries))
        {
            if (line.StartsWith(Tag, StringComparison.Ordinal)
                && double.TryParse(line[Tag.Length..], CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= 600)
            {
                return TimeSpan.FromSeconds(seconds);
            }
        }

        return null;
    }

    /// <summary>The first of a master playlist's variants, if it lies on the same host.</summary>
    internal static Uri? Variant(Uri master, string text)
    {
        var lines = text.Split('\n', StringSplitOptions.TrimEntries);
        var at = Array.FindIndex(lines, line => line.StartsWith("#EXT-X-STREAM-INF", StringComparison.Ordinal));
        return at >= 0 && at + 1 < lines.Length && Uri.TryCreate(master, lines[at + 1], out var variant)
            && variant.Scheme == master.Scheme && variant.Authority == master.Authority
            ? new UriBuilder(variant) { UserName = new UriBuilder(master).UserName, Password = new UriBuilder(master).Password }.Uri
            : null;
    }

    private static async Task<string> GetAsync(Uri address, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (address.UserInfo.Length > 0)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue(
                "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(address.UserInfo))));
        }

        using var response = await Client.SendAsync(request, cancel);
        return response.IsSuccessStatusCode ? await response.Content.ReadAsStringAsync(cancel) : "";
    }
}
