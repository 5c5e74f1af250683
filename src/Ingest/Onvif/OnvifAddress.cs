using System.Globalization;
using ActionStream.Core.Configuration;

namespace ActionStream.Ingest.Onvif;

/// <summary>Where a camera answers ONVIF: its whole address, or only its host, whose usual places are then tried.</summary>
/// <param name="Places">The first that answers is the one; without login.</param>
public sealed record OnvifAddress(IReadOnlyList<Uri> Places, OnvifLogin? Login)
{
    public const string Expected = "a host, host:port, or http://host/onvif/device_service";

    private const string UsualPath = "/onvif/device_service";

    private static readonly int[] UsualPorts = [80, 8000, 8080, 2020];

    /// <summary>For people: without login.</summary>
    public string Safe => Places is [var only] ? SafeUri.Of(only.OriginalString) : Places[0].Host;

    public override string ToString() => Safe;

    /// <summary>Null for what is no such address.</summary>
    public static OnvifAddress? Parse(string text)
    {
        var whole = Whole(text);
        var isMisread = SafeUri.WhyMisread(whole) is not null;
        _ = SafeUri.Of(whole); // its password is hidden from here on, whatever becomes of it
        var bare = SafeUri.WithoutLogin(whole);
        if (isMisread || !Uri.TryCreate(bare, UriKind.Absolute, out var address) || address.Host.Length == 0
            || !(address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
            || bare.Any(letter => char.IsWhiteSpace(letter) || char.IsControl(letter)))
        {
            return null;
        }

        var login = OnvifLogin.OfAddress(whole);
        var namesPort = HasPort(bare);
        return address.PathAndQuery != "/" ? new([address], login)
            : namesPort || address.Scheme == Uri.UriSchemeHttps ? new([new(address, UsualPath)], login)
            : OfHost(address.Host, login);
    }

    /// <summary>What is wrong with one that <see cref="Parse"/> does not take; without its login.</summary>
    public static string WhyNot(string text)
    {
        var whole = Whole(text);
        return SafeUri.WhyMisread(whole) is { } why
            ? $"{SafeUri.Of(whole)} {why}"
            : $"{SafeUri.Of(whole)} is no place where a camera answers ONVIF; expected {Expected}";
    }

    /// <summary>The usual places on a host.</summary>
    public static OnvifAddress OfHost(string host, OnvifLogin? login) => new(
        [.. UsualPorts.Select(port => new Uri(string.Create(CultureInfo.InvariantCulture, $"http://{Bracketed(host)}:{port}{UsualPath}")))],
        login);

    private static string Whole(string text) => text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}";

    private static string Bracketed(string host) =>
        host.Contains(':', StringComparison.Ordinal) && !host.StartsWith('[') ? $"[{host}]" : host;

    // A port that is the scheme's own is a port all the same: somebody has typed it.
    private static bool HasPort(string bare)
    {
        var host = bare[(bare.IndexOf("://", StringComparison.Ordinal) + 3)..].Split('/', '?', '#')[0];
        return host[(host.LastIndexOf(']') + 1)..].Contains(':', StringComparison.Ordinal);
    }
}
