using System.Globalization;
using System.Text.Json;
using ActionStream.Core.Media;
using FFMpegCore;

namespace ActionStream.Ingest.Probing;

/// <summary>What a source says of its frames before any is decoded, as ffprobe understood it.</summary>
/// <param name="NominalFps">Frames a second as the stream states them; null where nothing is.</param>
public sealed record SourceFacts(string Codec, string? Profile, string? PixelFormat, FrameSize Size, double? NominalFps)
{
    /// <summary>Null if there is no video stream in it.</summary>
    public static SourceFacts? Read(string json) =>
        JsonSerializer.Deserialize<FFProbeAnalysis>(json)?.Streams is [var stream, ..]
            ? new(
                stream.CodecName ?? "unknown", stream.Profile, stream.PixelFormat, new(stream.Width ?? 0, stream.Height ?? 0),
                Rate(stream.AvgFrameRate) ?? Rate(stream.FrameRate))
            : null;

    // "25/1"; "0/0" where it is not known, and the time base where ffmpeg guesses.
    private static double? Rate(string? text) =>
        text?.Split('/') is [var over, var under]
        && double.TryParse(over, CultureInfo.InvariantCulture, out var frames)
        && double.TryParse(under, CultureInfo.InvariantCulture, out var seconds)
        && seconds > 0 && frames / seconds is > 0 and <= 1000 and var rate
            ? Math.Round(rate, 3)
            : null;
}
