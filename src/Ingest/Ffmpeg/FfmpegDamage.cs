namespace ActionStream.Ingest.Ffmpeg;

/// <summary>Tells from a line of ffmpeg's standard error whether a frame was decoded with errors, or
/// cannot have been decoded without.</summary>
/// <remarks>
/// What is left out on purpose: a decoder that joins in the middle ("non-existing PPS", "no frame!"), and what many good
/// cameras provoke all day ("EOI missing", "deprecated pixel format", "Non-monotonous DTS").
/// </remarks>
internal static class FfmpegDamage
{
    private static readonly byte[][] Signs =
    [
        [.. "corrupt decoded frame"u8], // ffmpeg itself, for every codec that notices
        [.. "corrupt input packet"u8],
        [.. "Packet corrupt"u8], // MPEG-TS: a packet is missing
        [.. "PES packet size mismatch"u8],
        [.. "RTP: missed"u8], // datagrams that were lost
        [.. "RTP: dropping old packet"u8],
        [.. "error while decoding MB"u8], // H.264
        [.. "corrupted macroblock"u8],
        [.. "concealing "u8],
        [.. "decode_slice_header error"u8],
        [.. "unavailable for requested intra"u8],
        [.. "Could not find ref with POC"u8], // H.265
        [.. "Error constructing the frame RPS"u8],
        [.. "CABAC_MAX_BIN"u8],
        [.. "Error at MB"u8], // MPEG-4
        [.. "damaged at"u8],
        [.. "error count:"u8], // MJPEG
        [.. "Error while decoding stream"u8],
        [.. "Error submitting packet to decoder"u8],
    ];

    public static bool IsTold(ReadOnlySpan<byte> line)
    {
        foreach (var sign in Signs)
        {
            if (line.IndexOf(sign) >= 0)
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>Marks the frames read from a complaint of the decoder on, for a while: a line carries no time, and a smear
/// stays until the next key frame.</summary>
/// <param name="lasts">In the stream's own time, so that a recording read quickly is not all damaged.</param>
internal sealed class DamageSpan(TimeSpan lasts)
{
    private long? _known;
    private TimeSpan _from;
    private TimeSpan _until;

    /// <param name="complaints">All there have been so far. Those before the first frame only say that we joined in the middle.</param>
    public bool Covers(TimeSpan presentation, long complaints)
    {
        if (_known is { } known && complaints != known)
        {
            (_from, _until) = (presentation, presentation + lasts);
        }

        _known = complaints;
        return presentation >= _from && presentation < _until; // a stream that jumps back is not damaged until then
    }
}
