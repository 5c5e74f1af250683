using ActionStream.Ingest.Packets;

namespace ActionStream.Ingest.Recording;

/// <summary>What making one recording of its pieces asks of ffmpeg, and which codings it can be asked for.</summary>
internal static class RecordingArguments
{
    /// <summary>Reads NUT from its standard input and writes an MP4 that plays from its beginning, without decoding.</summary>
    public static IReadOnlyList<string> Join(string path) =>
    [
        "-nostdin", "-hide_banner", "-nostats", "-loglevel", "error", "-y", "-f", "nut", "-i", "pipe:0",
        "-map", "0:v:0", "-c", "copy", "-video_track_timescale", "90000", "-movflags", "+faststart", "-f", "mp4", path,
    ];

    /// <summary>True for a coding that MP4 has a place for.</summary>
    public static bool Carries(CodedStream stream) =>
        stream.Codec != VideoCodec.Other || LettersOf(stream.FourCc).ToUpperInvariant() is "MPG1" or "MPG2" or "VP90" or "AV01";

    /// <summary>A codec's four letters, as far as they are some.</summary>
    public static string LettersOf(uint fourCc) => string.Create(4, fourCc, (letters, all) =>
    {
        for (var i = 0; i < letters.Length; i++)
        {
            var letter = (char)((all >> (8 * i)) & 0xFF);
            letters[i] = char.IsAsciiLetterOrDigit(letter) ? letter : '.';
        }
    });
}
