using ActionStream.Core.Media;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest.Probing;

/// <summary>Tells what a stream will cost from what a camera says of it: so much for every pixel, so much for every bit. Measured with
/// ffmpeg 5.1 on moving test pictures of 0.3 to 6 Mbit/s, where the two explain the time to a tenth.</summary>
/// <param name="machine">How much slower than the table's this machine is.</param>
public sealed class DecodeCosts(double machine, CostBasis basis)
{
    /// <summary>What decoding the first seconds of the demo's clip took there.</summary>
    private const double ClipSeconds = 0.077;

    /// <summary>How much of the clip that was.</summary>
    private static readonly TimeSpan ClipSpan = TimeSpan.FromSeconds(12);

    /// <summary>Bits that a pixel takes where a camera does not say: 1.8 Mbit/s for 720p25.</summary>
    private const double UsualBits = 0.08;

    /// <summary>Nanoseconds.</summary>
    private static readonly Dictionary<string, (double Pixel, double Bit)> Table = new(StringComparer.Ordinal)
    {
        ["h264"] = (0.72, 12),
        ["hevc"] = (1.0, 14),
        ["mjpeg"] = (0.7, 1.3),
        ["mpeg4"] = (0.3, 1.5),
    };

    /// <summary>For this machine, as far as it can tell: in a tenth of a second.</summary>
    /// <param name="clip">The demo's clip; null where it is not there.</param>
    public static async Task<DecodeCosts> OfMachineAsync(FfmpegEnvironment environment, string? clip, CancellationToken cancel)
    {
        try
        {
            return clip is null ? new(1, CostBasis.Table) : new(
                await DecodeTime.OfAsync(new() { Url = clip, Realtime = false }, null, ClipSpan, environment, cancel) / ClipSeconds,
                CostBasis.Machine);
        }
        catch (SourceException)
        {
            return new(1, CostBasis.Table); // no ffmpeg here: the listing does not need one
        }
    }

    public DecodeCost Of(string codec, FrameSize size, double? fps, double? bitsPerSecond)
    {
        var pixels = (double)size.Width * size.Height * (fps ?? 25);
        var (pixel, bit) = Table.GetValueOrDefault(codec, Table["h264"]);
        return new(machine * (pixels * pixel + (bitsPerSecond ?? pixels * UsualBits) * bit) / 1e9, basis);
    }
}
