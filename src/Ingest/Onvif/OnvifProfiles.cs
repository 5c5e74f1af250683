using System.Globalization;
using System.Xml.Linq;
using ActionStream.Core.Media;

namespace ActionStream.Ingest.Onvif;

/// <summary>Reads lists of profiles, of either version of the media service. Pure; what lacks a size or a token is no stream.</summary>
internal static class OnvifProfiles
{
    /// <summary>More than any recorder has; a list without end is none.</summary>
    public const int Most = 256;

    /// <summary>Profiles with video, yet without addresses.</summary>
    public static IReadOnlyList<OnvifProfile> Read(XElement answer) =>
        [.. answer.AllBelow("Profiles").Select(Profile).OfType<OnvifProfile>().Take(Most)];

    private static OnvifProfile? Profile(XElement profile)
    {
        var encoder = profile.Below("VideoEncoderConfiguration") ?? profile.Below("Configurations", "VideoEncoder");
        var source = profile.Below("VideoSourceConfiguration") ?? profile.Below("Configurations", "VideoSource");
        var size = new FrameSize(
            Whole(encoder?.TextBelow("Resolution", "Width")), Whole(encoder?.TextBelow("Resolution", "Height")));
        return profile.Attribute("token")?.Value is { Length: > 0 } token && size is { Width: > 0, Height: > 0 }
            ? new(
                token, SoapMessage.Line(profile.TextBelow("Name") ?? token), SoapMessage.Line(source?.TextBelow("SourceToken") ?? ""),
                Codec(encoder!.TextBelow("Encoding")), size, Number(encoder!.TextBelow("RateControl", "FrameRateLimit")),
                Number(encoder!.TextBelow("RateControl", "BitrateLimit")) is { } kilobits ? (long)(1000 * kilobits) : null, "")
            : null;
    }

    private static string Codec(string? encoding) => encoding?.ToUpperInvariant() switch
    {
        "H264" => "h264",
        "H265" or "HEVC" => "hevc",
        "JPEG" or "MJPEG" => "mjpeg",
        "MPEG4" or "MPV4-ES" => "mpeg4",
        { } other => SoapMessage.Line(other).ToLowerInvariant(),
        null => "unknown",
    };

    private static int Whole(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 100_000 ? number : 0;

    private static double? Number(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 1e9 ? number : null;
}
