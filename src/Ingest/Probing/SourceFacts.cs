using System.Globalization;
using System.Text.Json;
using ActionStream.Core.Media;

namespace ActionStream.Ingest.Probing;

/// <summary>What a source says of its pictures before any is decoded, as ffprobe understood it.</summary>
/// <param name="NominalFps">Pictures a second as announced; null where nothing is.</param>
public sealed record SourceFacts(string Codec, string? Profile, string? PixelFormat, FrameSize Size, double? NominalFps)
{
    /// <summary>Null if there is no video stream in it.</summary>
    public static SourceFacts? Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        if (!document.RootElement.TryGetProperty("streams", out var streams) || streams.GetArrayLength() == 0)
        {
            return null;
        }

        var stream = streams[0];
        return new(
            Text(stream, "codec_name") ?? "unknown", Text(stream, "profile"), Text(stream, "pix_fmt"), new(Number(stream, "width"), Number(stream, "height")),
            Rate(Text(stream, "avg_frame_rate")) ?? Rate(Text(stream, "r_frame_rate")));
    }

    private static string? Text(JsonElement stream, string name) =>
        stream.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static int Number(JsonElement stream, string name) =>
        stream.TryGetProperty(name, out var value) && value.TryGetInt32(out var number) ? number : 0;

    // "25/1"; "0/0" where it is not known, and the time base where ffmpeg guesses.
    private static double? Rate(string? text) =>
        text?.Split('/') is [var over, var under]
        && double.TryParse(over, CultureInfo.InvariantCulture, out var frames) && double.TryParse(under, CultureInfo.InvariantCulture, out var seconds)
        && seconds > 0 && frames / seconds is > 0 and <= 1000 and var rate
            ? Math.Round(rate, 3)
            : null;
}
