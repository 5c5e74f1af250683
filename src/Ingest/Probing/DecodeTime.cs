using System.Globalization;
using System.Text.RegularExpressions;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest.Probing;

/// <summary>Decodes a source for a while, as the service would, and reads from ffmpeg what processor time that took.</summary>
public static partial class DecodeTime
{
    /// <summary>Seconds of a core.</summary>
    /// <param name="frameSpec">What the frames are made into; null for only decoding.</param>
    /// <param name="span">How much of the source.</param>
    /// <exception cref="SourceException">It cannot be opened, with the reason.</exception>
    public static async Task<double> OfAsync(
        SourceOptions source, FrameSpec? frameSpec, TimeSpan span, FfmpegEnvironment environment, CancellationToken cancel)
    {
        var tool = environment.Ffmpeg().Tool;
        var address = FfmpegArguments.AddressOf(source);
        var child = new ProbeChild(address, source, environment.Time, source.ConnectTimeout + span);
        var told = await child.RunAsync(
            tool.Path, FfmpegArguments.Decoded(source, frameSpec, tool.Number, span), _ => { }, cancel);
        return told.Select(line => Bench().Match(line)).FirstOrDefault(match => match.Success) is { } bench
            ? Seconds(bench, "user") + Seconds(bench, "system")
            : throw new SourceException(SourceFault.Broken, $"{address.Safe}: ffmpeg does not tell what decoding took");
    }

    private static double Seconds(Match bench, string kind) => double.Parse(bench.Groups[kind].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"bench: utime=(?<user>[\d.]+)s stime=(?<system>[\d.]+)s")]
    private static partial Regex Bench();
}
