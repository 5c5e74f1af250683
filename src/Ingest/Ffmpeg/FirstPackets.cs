using System.Globalization;

namespace ActionStream.Ingest.Ffmpeg;

/// <summary>Tells a camera that sends, but no key frame yet, from one that is silent: a line on standard error for each of the
/// first packets, before any is decoded.</summary>
internal static class FirstPackets
{
    private const int Count = 3;

    /// <param name="video">Which of the input's videos.</param>
    public static IReadOnlyList<string> Output(int video) =>
    [
        "-map", string.Create(CultureInfo.InvariantCulture, $"0:V:{video}"), "-c", "copy", "-copyinkf",
        "-frames:v", Count.ToString(CultureInfo.InvariantCulture), "-flush_packets", "1", "-f", "framecrc", "pipe:2",
    ];

    /// <summary>True for a line that is no complaint but a packet's.</summary>
    public static bool IsPacket(ReadOnlySpan<byte> line) => line.StartsWith("0, "u8) && line.IndexOf(", 0x"u8) > 0;

    /// <summary>True for what comes before them.</summary>
    public static bool IsHeader(ReadOnlySpan<byte> line) =>
        line.StartsWith("#software: "u8) || line.StartsWith("#tb 0: "u8) || line.StartsWith("#media_type 0: "u8)
        || line.StartsWith("#codec_id 0: "u8) || line.StartsWith("#dimensions 0: "u8) || line.StartsWith("#sar 0: "u8)
        || line.StartsWith("#extradata 0: "u8);
}
