using System.Globalization;
using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest.Ffmpeg;

/// <summary>The two halves of <see cref="Build"/>: a child that reads packets, and one that decodes those it is given.</summary>
public static partial class FfmpegArguments
{
    /// <summary>Reads a live source and copies its packets, in NUT.</summary>
    public static FfmpegCommand BuildReader(SourceOptions source, TimeSpan interval, Version ffmpeg)
    {
        var address = AddressOf(source);
        string[] global = [.. Global, .. FrameTimes.AsTheyCome, .. Limits(source)];
        string[] input = Input(address, source, ffmpeg, isRecording: false);
        var output = PacketsOut(source.GapFor(interval) + interval, address.Kind == SourceKind.Rtmp ? ToldOnTheWay : []);
        return HiddenInput.IsWanted(address, source, ffmpeg)
            ? HiddenInput.Build(global, input, address.Input, output)
            : new([.. global, .. input, .. source.InputArguments], address.Input, output);
    }

    /// <summary>Decodes NUT from its standard input, thins and scales; its times are those of the packets.</summary>
    /// <param name="hwaccel">A name for ffmpeg's -hwaccel; null for software.</param>
    public static FfmpegCommand BuildDecoder(SourceOptions source, FrameSpec frameSpec, Version ffmpeg, string? hwaccel) => new(
        [
            .. Global, "-copyts", .. Decoding(hwaccel, source),

            // Nothing is looked at ahead: a picture is decoded as soon as it is there.
            "-fpsprobesize", "0", "-probesize", "32", "-analyzeduration", "0", "-f", "nut",
        ],
        "pipe:0",
        [
            "-map", "0:v:0", "-vf", Pictures(source, frameSpec),
            .. Frames(ffmpeg), "-enc_time_base", ffmpeg < NamedTimeBase ? "-1" : "demux", .. Nut,
        ])
    { TakesInput = true };

    private static string[] Nut => ["-f", "nut", "-write_index", "0", "-flush_packets", "1"];

    // RTMP says another size, or another encoder's parameters, beside the packets, and only this NUT has a place for that.
    private static string[] ToldOnTheWay => ["-syncpoints", "none", "-strict", "experimental"];

    private static string Pictures(SourceOptions source, FrameSpec frameSpec) => string.Join(
        ',',
        [
            FormatChange.Filter, Thinning.Filter(frameSpec.Interval),
            .. source.Crop is { } crop ? [Cut(crop)] : Array.Empty<string>(), .. Scale(frameSpec),
        ]);

    // copyinkf: those before the first key picture too, so that a camera that sends is told from one that is silent.
    private static string[] PacketsOut(TimeSpan leap, string[] more) =>
    [
        "-map", "0:V:0", "-an", "-sn", "-dn", "-c:v", "copy", "-copyinkf", "-avoid_negative_ts", "disabled",
        "-bsf:v", $"setts=pts={Leap(leap, "if(isnan(PTS)\\,DTS\\,PTS)")}:dts={Leap(leap, "DTS")}", .. more, .. Nut,
    ];

    // As FrameTimes.Filter does it for frames: times that jump back leap forward, since the way to us knows no way back.
    private static string Leap(TimeSpan leap, string own)
    {
        var seconds = leap.TotalSeconds.ToString("0.######", CultureInfo.InvariantCulture);
        return $"if(lt((DTS-PREV_INDTS)*TB\\,-{FrameTimes.Disorder})\\,st(0\\,ld(0)+{seconds}/TB-(DTS-PREV_INDTS)))\\;max({own}+ld(0)\\,"
            + (own == "DTS" ? "-1e15)" : "0)");
    }
}
