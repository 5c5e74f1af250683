using System.Globalization;
using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest.Ffmpeg;

/// <content>Command lines that look at a source for a while.</content>
public static partial class FfmpegArguments
{
    /// <summary>For ffprobe: what the source says of itself, as JSON.</summary>
    public static IReadOnlyList<string> Facts(SourceOptions source, Version ffmpeg) =>
    [
        "-hide_banner", "-loglevel", "repeat+warning", .. Opening(source, ffmpeg), "-select_streams", "V:0",
        "-show_entries", "stream=codec_name,profile,pix_fmt,width,height,avg_frame_rate,r_frame_rate", "-of", "json",
        "-i", AddressOf(source).Input,
    ];

    /// <summary>For ffmpeg: a line for each coded frame, at once.</summary>
    public static IReadOnlyList<string> Packets(SourceOptions source, Version ffmpeg, TimeSpan watch) =>
    [
        .. Global, .. Opening(source, ffmpeg), "-i", AddressOf(source).Input, "-map", "0:V:0", "-c", "copy", "-copyinkf",
        "-t", watch.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture), "-flush_packets", "1", "-f", "framecrc", "pipe:1",
    ];

    /// <summary>For ffmpeg: decodes for a while, and says what that took.</summary>
    /// <param name="frameSpec">What the frames are made into; null for only decoding.</param>
    public static IReadOnlyList<string> Decoded(SourceOptions source, FrameSpec? frameSpec, Version ffmpeg, TimeSpan span) =>
    [
        "-hide_banner", "-nostats", "-loglevel", "repeat+info", "-benchmark", "-filter_threads", "1", .. Decoding(null, source),
        .. Opening(source, ffmpeg), "-i", AddressOf(source).Input, "-map", "0:V:0", "-an",
        .. frameSpec is null
            ? Array.Empty<string>()
            : ["-vf", Filters(source, frameSpec, mayInvent: false, isRecording: true), "-pix_fmt", "rgb24"],
        "-t", span.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture),
        ffmpeg < FpsMode ? "-vsync" : "-fps_mode", "passthrough", "-f", "null", "-",
    ];

    // Without the short cuts of the service's own way: here it is the size and the codec that are asked for, not speed.
    private static string[] Opening(SourceOptions source, Version ffmpeg) => AddressOf(source).Kind switch
    {
        SourceKind.Rtsp => [.. Transport(source.Transport), ffmpeg < RtspTimeout ? "-stimeout" : "-timeout", Microseconds(source)],
        SourceKind.Http or SourceKind.Rtmp or SourceKind.Srt => [.. Protocols(AddressOf(source)), "-rw_timeout", Microseconds(source)],
        SourceKind.V4l2 => ["-f", "v4l2"],
        SourceKind.Lavfi => ["-f", "lavfi"],
        _ => [],
    };

    internal static SourceAddress AddressOf(SourceOptions source) => SourceAddress.TryParse(source.Url, out var address)
        ? address
        : throw new SourceException(SourceFault.NotFound, $"an address that nobody can open; expected {SourceAddress.Expected}");
}
