using ActionStream.Core.Retrying;
using ActionStream.Ingest.Sources;
using Microsoft.Extensions.Logging;

namespace ActionStream.Ingest.Ffmpeg;

/// <summary>Where one camera is decoded: what its settings ask for, and what this machine and the camera's codec allow.</summary>
internal sealed partial class DecodingChoice(string stream, SourceOptions options, FfmpegEnvironment environment, ILogger log)
{
    private readonly LastSaid<string> _lastSaid = new();
    private bool _hardwareFailed;

    /// <summary>ffmpeg, and a name for its -hwaccel; null for software. Looks on the disk, and may ask ffmpeg what it can do.</summary>
    /// <exception cref="SourceException">ffmpeg is missing, or what is asked for does not work.</exception>
    public (FfmpegTool Tool, string? Hwaccel) Choose()
    {
        var (tool, hwaccels) = environment.Ffmpeg();
        var isSynthetic = SourceAddress.TryParse(options.Url, out var address) && address.Kind == SourceKind.Lavfi;
        if (options.Hwaccel == Hwaccel.None || isSynthetic || _hardwareFailed)
        {
            return (tool, null);
        }

        var choice = hwaccels.Choose(options.Hwaccel);
        var decoder = choice.Name ?? "software";
        if (_lastSaid.IsNews(decoder))
        {
            LogDecoding(stream, decoder, choice.Refused.Count == 0 ? "as configured" : string.Join("; ", choice.Refused));
        }

        return (tool, choice.Name);
    }

    /// <summary>Most bytes for the child. A driver maps into its process what it likes; frames on the device
    /// are bounded by their size alone.</summary>
    public long? MemoryOf(string? hwaccel) => hwaccel is null ? options.DecoderMemory : null;

    /// <summary>A decoder that works in general may still not know this camera's codec. Faults of the network prove nothing.</summary>
    /// <returns>True if software is the choice from now on.</returns>
    public bool GiveUp(string? hwaccel, bool gaveFrames, SourceException fault)
    {
        if (hwaccel is null || gaveFrames || options.Hwaccel != Hwaccel.Auto
            || fault.Fault is not (SourceFault.Hwaccel or SourceFault.Codec or SourceFault.Broken or SourceFault.Crashed))
        {
            return false;
        }

        _hardwareFailed = true;
        LogDecoding(stream, "software", $"{hwaccel}: {fault.Message}");
        return true;
    }

    [LoggerMessage(LogLevel.Information, "{Stream}: decoding with {Decoder} ({Reasons})")]
    private partial void LogDecoding(string stream, string decoder, string reasons);
}
