using System.Globalization;
using ActionStream.Core.Media;
using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest.Ffmpeg;

/// <summary>What one stream asks of ffmpeg: which source, how often, how large.</summary>
/// <param name="Interval">Sampling interval, D.</param>
/// <param name="Size">The model's frame size.</param>
/// <param name="Fit">How the camera's frame becomes that size.</param>
public sealed record FrameSpec(TimeSpan Interval, FrameSize Size, Fit Fit);

/// <summary>Turns options into ffmpeg's command line. Pure, so that every line is tested by reading it.</summary>
public static partial class FfmpegArguments
{
    /// <summary>Added to our own timeouts: ffmpeg's is only there for the case that ours fails.</summary>
    private static readonly TimeSpan Backstop = TimeSpan.FromSeconds(5);

    private static readonly Version FpsMode = new(5, 1);
    private static readonly Version RtspTimeout = new(5, 0);
    private static readonly Version NamedTimeBase = new(7, 0);

    /// <param name="hwaccel">A name for ffmpeg's -hwaccel; null for software.</param>
    /// <param name="isRecording">Every frame counts, the first ones too, and none is in a hurry.</param>
    /// <param name="video">Which of the input's videos, cover pictures not counted.</param>
    public static FfmpegCommand Build(
        SourceOptions source, FrameSpec frameSpec, Version ffmpeg, string? hwaccel = null, bool isRecording = false,
        int video = 0)
    {
        var address = AddressOf(source);
        var mayInvent = !isRecording && FrameTimes.MayBeInvented(source);
        string[] global = [.. Global, .. FrameTimes.AsTheyCome, .. Decoding(hwaccel, source)];
        string[] input = Input(address, source, ffmpeg, isRecording);
        string[] output =
        [
            .. address.IsNetwork && !isRecording ? FirstPackets.Output(video) : [],
            .. Output(source, frameSpec, ffmpeg, mayInvent, isRecording, video),
        ];
        return HiddenInput.IsWanted(address, source, ffmpeg)
            ? HiddenInput.Build(global, input, address.Input, output)
            : new([.. global, .. input, .. source.InputArguments], address.Input, output);
    }

    /// <summary>True if the source's address holds a secret that other users of this machine can read in the list of processes.</summary>
    public static bool ShowsSecret(SourceOptions source, Version ffmpeg) =>
        SourceAddress.TryParse(source.Url, out var address) && address.IsLive && address.Safe != address.Input
        && !HiddenInput.IsWanted(address, source, ffmpeg);

    // repeat: "Last message repeated 7 times" comes with the next other message, too late to tell which frames are damaged.
    // One thread: 9 to 16 % less CPU than automatic, and 5 to 17 MB less memory, for each camera.
    private static string[] Global => ["-hide_banner", "-nostats", "-loglevel", "repeat+warning", "-filter_threads", "1"];

    // Without -hwaccel_output_format frames come back to main memory by themselves, so that the filters stay the same.
    // A frame of more pixels is refused by its decoder before memory for it is taken.
    private static string[] Decoding(string? hwaccel, SourceOptions source) =>
        [.. Limits(source), .. hwaccel is null ? Effort(source.Decode) : ["-hwaccel", hwaccel]];

    private static string[] Limits(SourceOptions source) => ["-threads", "1", "-max_pixels", Number(source.MaxPixels)];

    // noref is nothing but B pictures where a camera has any, and nothing at all where it has none.
    private static string[] Effort(DecodeMode decode) =>
        decode == DecodeMode.Fast ? ["-skip_loop_filter", "all", "-skip_frame", "noref"] : [];

    private static string[] Input(SourceAddress address, SourceOptions source, Version ffmpeg, bool isRecording) => address.Kind switch
    {
        // Low latency as measured: first frame after 0.4 s instead of 1.4 s, because SDP already names the codec.
        SourceKind.Rtsp =>
        [
            .. Transport(source.Transport),
            "-probesize", "32", "-analyzeduration", "0", "-fflags", "nobuffer", "-flags", "low_delay",
            ffmpeg < RtspTimeout ? "-stimeout" : "-timeout", Microseconds(source),
        ],

        // nobuffer throws away what was read to find out what it is.
        SourceKind.Http or SourceKind.Rtmp or SourceKind.Srt when isRecording =>
            [.. Protocols(address), "-rw_timeout", Microseconds(source)],

        // No low_delay: these carry frames out of order more often than cameras do.
        SourceKind.Http or SourceKind.Rtmp or SourceKind.Srt =>
            [.. Protocols(address), "-fflags", "nobuffer", "-analyzeduration", "1000000", "-rw_timeout", Microseconds(source)],
        SourceKind.V4l2 => ["-f", "v4l2"],
        SourceKind.Lavfi => [.. Pace(source), "-f", "lavfi"],
        _ => source.Loop ? [.. Pace(source), "-stream_loop", "-1"] : Pace(source),
    };

    // A playlist may name files of this machine, and a description of a session any address.
    private static string[] Protocols(SourceAddress address) =>
        address.Kind == SourceKind.Http ? ["-protocol_whitelist", "http,https,httpproxy,tls,tcp,crypto,data"] : [];

    private static string[] Pace(SourceOptions source) => source.Realtime ? ["-re"] : [];

    private static string[] Transport(RtspTransport transport) => transport switch
    {
        RtspTransport.Tcp => ["-rtsp_transport", "tcp"],
        RtspTransport.Udp => ["-rtsp_transport", "udp"],
        _ => [],
    };

    private static string[] Output(
        SourceOptions source, FrameSpec frameSpec, Version ffmpeg, bool mayInvent, bool isRecording, int video) =>
    [
        "-map", $"0:V:{Number(video)}", "-an", "-sn", "-dn", // V: a cover picture is no video
        "-vf", Filters(source, frameSpec, mayInvent, isRecording), .. Frames(ffmpeg),

        // The source's own: a rounded time would move between slots.
        "-enc_time_base", mayInvent ? FrameTimes.FineTimeBase : ffmpeg < NamedTimeBase ? "-1" : "demux",
        .. Nut,
    ];

    // threads: those of the encoder, which else hands a frame on when the next one comes.
    private static string[] Frames(Version ffmpeg) =>
        ["-c:v", "rawvideo", "-threads", "1", "-pix_fmt", "rgb24", ffmpeg < FpsMode ? "-vsync" : "-fps_mode", "passthrough"];

    private static string Filters(SourceOptions source, FrameSpec frameSpec, bool mayInvent, bool isRecording) => string.Join(
        ',',
        [
            FrameTimes.Filter(mayInvent, source.GapFor(frameSpec.Interval), frameSpec.Interval),
            .. isRecording ? Array.Empty<string>() : [FormatChange.Filter], Thinning.Filter(frameSpec.Interval),
            .. source.Crop is { } crop ? [Cut(crop)] : Array.Empty<string>(), .. Scale(frameSpec),
        ]);

    private static string Cut(CropArea crop) =>
        $"crop=iw*{Share(crop.Width)}:ih*{Share(crop.Height)}:iw*{Share(crop.X)}:ih*{Share(crop.Y)}";

    // Bilinear: when swscale makes a frame smaller it widens the kernel, so this is the antialiased bilinear
    // resize of the usual training code; area is a box, and bicubic costs more for edges the model was not trained on.
    internal static string[] Scale(FrameSpec frameSpec)
    {
        var (w, h) = (Number(frameSpec.Size.Width), Number(frameSpec.Size.Height));
        return frameSpec.Fit switch
        {
            Fit.Crop => [
                $"scale=w='max({w},round({h}*dar))':h='max({h},round({w}/dar))':flags=bilinear", "format=rgb24",
                $"crop={w}:{h}", "setsar=1"],
            Fit.Pad => [
                $"scale=w='min({w},round({h}*dar))':h='min({h},round({w}/dar))':flags=bilinear", "format=rgb24",
                $"pad={w}:{h}:-1:-1:black", "setsar=1"],
            _ => [$"scale={w}:{h}:flags=bilinear", "format=rgb24", "setsar=1"],
        };
    }

    private static string Share(double share) => share.ToString("0.######", CultureInfo.InvariantCulture);

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Microseconds(SourceOptions source)
    {
        var longest = source.StallTimeout > source.ConnectTimeout ? source.StallTimeout : source.ConnectTimeout;
        return ((long)(longest + Backstop).TotalMicroseconds).ToString(CultureInfo.InvariantCulture);
    }
}
