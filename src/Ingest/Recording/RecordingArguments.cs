using System.Globalization;

namespace ActionStream.Ingest.Recording;

/// <summary>What keeping the stream as it comes, beside decoding it, and making one recording of its pieces ask of ffmpeg.</summary>
internal static class RecordingArguments
{
    // The packets go where decoded ones come from anyway: no second connection, no second decoding.
    // tee with onfail=ignore: a full disk, or a codec that MPEG-TS cannot carry, must not end the decoding beside it; it
    // needs one output that never fails, hence null. MPEG-TS, because it needs nothing that a camera says only once, and
    // pieces of it put end to end are one stream. avoid_negative_ts would move the pieces' times away from the frames'.
    public static IReadOnlyList<string> Copy(string folder, RingSpec ring) =>
    [
        "-map", "0:V:0", "-c", "copy", "-f", "tee",
        "[f=null]-|[f=segment:onfail=ignore:avoid_negative_ts=disabled:segment_format=mpegts"
            + $":segment_time={Number((int)RingSpec.Piece.TotalSeconds)}:segment_wrap={Number(ring.MostPieces)}"
            + $":segment_list_type=csv:segment_list_size={Number(ring.MostPieces - 2)}:segment_list={folder}/"
            + $"{RingSpec.List}]{folder}/%05d.ts",
    ];

    /// <summary>For ffmpeg, in the folder of the pieces: puts them end to end in one MP4 that plays from
    /// its beginning, without decoding.</summary>
    /// <param name="pieces">Names of files of ours, oldest first.</param>
    public static IReadOnlyList<string> Join(IEnumerable<string> pieces, string path) =>
    [
        // Errors only: each seam is a jump in MPEG-TS's own counters, and worth a warning to it.
        "-nostdin", "-hide_banner", "-nostats", "-loglevel", "error", "-y", "-f", "mpegts", "-i", $"concat:{string.Join('|', pieces)}",
        "-map", "0:V:0", "-c", "copy", "-movflags", "+faststart", "-f", "mp4", path,
    ];

    /// <summary>Why the stream could not be kept, in ffmpeg's words; null as far as one can tell.
    /// Damage to a piece is not told here.</summary>
    public static string? KeepingFault(IEnumerable<string> lines) => lines.FirstOrDefault(line =>
        IsRefusal(line)
        || line.Contains("Slave muxer #1 failed", StringComparison.Ordinal)) is { } line
            ? line[(line.IndexOf(']', StringComparison.Ordinal) + 1)..].Trim()
            : null;

    /// <summary>True for a coding that MPEG-TS has no place for: no other connection will change that.</summary>
    public static bool IsRefusal(string line) => line.Contains("is muxed as a private data stream", StringComparison.Ordinal);

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
