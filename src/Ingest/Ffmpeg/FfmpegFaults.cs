using System.Text.RegularExpressions;
using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest.Ffmpeg;

/// <summary>Reads the cause of an end from what ffmpeg left behind: its exit code and its last lines.</summary>
internal static partial class FfmpegFaults
{
    private const string PixelLimit = "exceeds specified max pixel count";

    /// <summary>One broken frame may claim any size; a stream that is refused is refused with every frame.</summary>
    private const int Refusals = 3;

    // In this order: the first words found decide, and later lines often only repeat that the opening failed.
    private static readonly (string Words, SourceFault Fault)[] Signs =
    [
        (PixelLimit, SourceFault.TooLarge),
        ("Cannot allocate memory", SourceFault.Memory),
        ("get_buffer() failed", SourceFault.Memory),
        ("401 Unauthorized", SourceFault.Unauthorized),
        ("403 Forbidden", SourceFault.Unauthorized),
        ("authorization failed", SourceFault.Unauthorized),
        ("Device creation failed", SourceFault.Hwaccel),
        ("No device available for decoder", SourceFault.Hwaccel),
        ("hwaccel initialisation returned error", SourceFault.Hwaccel),
        ("Unrecognized hwaccel", SourceFault.Hwaccel),
        ("404 Not Found", SourceFault.NotFound),
        ("No such file or directory", SourceFault.NotFound),
        ("No such device", SourceFault.NotFound),
        ("Not a directory", SourceFault.NotFound),
        ("Is a directory", SourceFault.NotFound),
        ("Permission denied", SourceFault.Permission),
        ("Operation not permitted", SourceFault.Permission),
        ("Device or resource busy", SourceFault.Busy),
        ("Connection refused", SourceFault.Refused),
        ("No route to host", SourceFault.Unreachable),
        ("Network is unreachable", SourceFault.Unreachable),
        ("Failed to resolve hostname", SourceFault.Unreachable),
        ("Connection timed out", SourceFault.Timeout),
        ("Operation timed out", SourceFault.Timeout),
        ("matches no streams", SourceFault.NoVideo),
        ("does not contain any stream", SourceFault.NoVideo),
        ("Protocol not found", SourceFault.Codec),
        ("Decoder not found", SourceFault.Codec),
        ("Unknown decoder", SourceFault.Codec),
        ("no decoder found", SourceFault.Codec),
        ("Decoder (codec none)", SourceFault.Codec),
        ("Connection reset by peer", SourceFault.Disconnected),
    ];

    // Signals that ffmpeg never answers with a code of its own. Newer versions end with an error's low byte, so that
    // 143 is "No route to host" as well as SIGTERM: there its last words decide.
    private static readonly int[] CrashSignals = [4, 6, 7, 8, 9, 11, 31];

    /// <summary>What ffmpeg answers to a signal that asks it to end.</summary>
    private const int AskedToEnd = 255;

    /// <summary>Null if the end was no fault: a recorded source that was read to its end.</summary>
    /// <param name="source">The address without credentials.</param>
    /// <param name="isLive">A live source has no end: exit code 0 means that the camera hung up.</param>
    /// <param name="wasCutOff">The output ended within a frame.</param>
    /// <param name="gaveFrames">False where not one frame came: then even exit code 0 may be a fault.</param>
    public static SourceException? Read(
        string source, bool isLive, int exitCode, bool wasCutOff, IReadOnlyList<string> lines, bool gaveFrames = true)
    {
        if (exitCode == 0 && Refusal(source, lines, gaveFrames) is { } refused)
        {
            return refused;
        }

        // ffmpeg takes a connection that broke for the end of the file.
        if (exitCode == 0 && !isLive && lines.Any(line => line.Contains("Stream ends prematurely", StringComparison.Ordinal)))
        {
            return new(SourceFault.Disconnected, $"{source} broke off before its end{Quote(lines)}") { Lines = lines };
        }

        if (exitCode == 0 && !wasCutOff)
        {
            return isLive ? new(SourceFault.Disconnected, $"{source} hung up") { Lines = lines } : null;
        }

        var signal = exitCode is > 128 and < 128 + 32 ? exitCode - 128 : 0;
        var told = Signs.Where(sign => lines.Any(line => line.Contains(sign.Words, StringComparison.OrdinalIgnoreCase)))
            .Select(sign => (SourceFault?)sign.Fault).FirstOrDefault();
        if (CrashSignals.Contains(signal) || (signal > 0 && told is null))
        {
            return new(SourceFault.Crashed, $"ffmpeg was ended by signal {signal} while it read {source}") { Lines = lines };
        }

        if (exitCode == AskedToEnd && told is null)
        {
            return new(SourceFault.Crashed, $"ffmpeg was asked to end by a signal while it read {source}") { Lines = lines };
        }

        var fault = told ?? SourceFault.Broken;
        return fault == SourceFault.TooLarge ? TooLarge(source, lines)
            : new(fault, $"{source} {Problem(fault)}{Quote(lines)}") { Lines = lines };
    }

    /// <summary>Why a child that was ended for its silence was silent, if it would not decode what came; null for other silences.</summary>
    public static SourceException? Refusal(string source, IReadOnlyList<string> lines, bool gaveFrames)
    {
        bool Says(SourceFault fault) =>
            lines.Count(line => Signs.Any(sign => sign.Fault == fault && line.Contains(sign.Words, StringComparison.Ordinal)))
            >= (gaveFrames ? Refusals : 1);

        return Says(SourceFault.TooLarge) ? TooLarge(source, lines)
            : Says(SourceFault.Memory) ? new(SourceFault.Memory, $"{source} {Problem(SourceFault.Memory)}{Quote(lines)}") { Lines = lines }
            : null;
    }

    private static SourceException TooLarge(string source, IReadOnlyList<string> lines)
    {
        var size = lines.Select(line => PixelSize().Match(line)).LastOrDefault(match => match.Success)?.Groups[1].Value;
        return new(
            SourceFault.TooLarge,
            $"{source} sends frames of {size ?? "a size that is not told"}, more pixels than max_pixels allows; a smaller profile of "
            + "the camera will do, or a higher max_pixels")
        { Lines = lines };
    }

    private static string Problem(SourceFault fault) => fault switch
    {
        SourceFault.Unauthorized => "refused the user name or password",
        SourceFault.NotFound => "does not exist",
        SourceFault.Permission => "may not be opened by this user",
        SourceFault.Busy => "is held by another program",
        SourceFault.Refused => "refused the connection",
        SourceFault.Unreachable => "cannot be reached",
        SourceFault.Timeout => "did not answer in time",
        SourceFault.NoVideo => "has no video stream",
        SourceFault.Codec => "uses a codec or protocol that this ffmpeg does not know",
        SourceFault.Hwaccel => "cannot be decoded on the hardware that was asked for",
        SourceFault.Disconnected => "hung up",
        SourceFault.Memory => "needs more memory for decoding than decoder_memory allows",
        _ => "cannot be read",
    };

    private static string Quote(IReadOnlyList<string> lines) =>
        lines.Count == 0 ? "" : $" (ffmpeg: {Telling(lines)})";

    // The last line is usually the one that sums up; its address in brackets tells a reader nothing.
    private static string Telling(IReadOnlyList<string> lines)
    {
        var last = lines[^1].Trim();
        last = last.StartsWith(HiddenInput.Name + ": ", StringComparison.Ordinal) ? last[(HiddenInput.Name.Length + 2)..] : last;
        return last.StartsWith('[') && last.IndexOf(']', StringComparison.Ordinal) is > 0 and var end ? last[(end + 1)..].Trim() : last;
    }

    [GeneratedRegex($@"Picture size (\d+x\d+) {PixelLimit}")]
    private static partial Regex PixelSize();
}
