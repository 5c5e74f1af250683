using ActionStream.Core.Configuration;
using ActionStream.Ingest.Quality;

namespace ActionStream.Ingest.Sources;

/// <summary>Where decoding runs.</summary>
public enum Hwaccel
{
    /// <summary>The first of cuda, vaapi, qsv that really works here, else software; the log says why.</summary>
    Auto,

    /// <summary>Software.</summary>
    None,

    Cuda,
    Vaapi,
    Qsv,
}

/// <summary>How much of what a camera sends is decoded, and how well.</summary>
public enum DecodeMode
{
    /// <summary>All of it, as its codec's standard says.</summary>
    Exact,

    /// <summary>Without the filter that smooths the edges of blocks, and without B pictures on which no other depends: cheaper,
    /// a little blockier, and fewer frames a second where there are B pictures.</summary>
    Fast,
}

/// <summary>How RTSP carries the frames.</summary>
public enum RtspTransport
{
    /// <summary>Inside the RTSP connection: nothing is lost, and firewalls agree.</summary>
    Tcp,

    /// <summary>Separate datagrams: lost ones smear the frame.</summary>
    Udp,

    /// <summary>What ffmpeg chooses: UDP first.</summary>
    Auto,
}

/// <summary>The part of the frame to look at, as shares of its width and height.</summary>
public sealed record CropArea
{
    /// <summary>Left edge, 0 to 1.</summary>
    public double X { get; init; }

    /// <summary>Upper edge, 0 to 1.</summary>
    public double Y { get; init; }

    /// <summary>Width, more than 0, at most 1 - x.</summary>
    public double Width { get; init; } = 1;

    /// <summary>Height, more than 0, at most 1 - y.</summary>
    public double Height { get; init; } = 1;

    public void Check(ConfigCheck check)
    {
        check.Expect(X is >= 0 and < 1, X, "0 to 1, a share of the frame's width");
        check.Expect(Y is >= 0 and < 1, Y, "0 to 1, a share of the frame's height");
        check.Expect(Width > 0 && Width <= 1 - X + 1e-9, Width, "more than 0 and at most 1 - x");
        check.Expect(Height > 0 && Height <= 1 - Y + 1e-9, Height, "more than 0 and at most 1 - y");
    }
}

/// <summary>Where a camera is and how to open it.</summary>
public record SourceOptions
{
    /// <summary>The camera's address: rtsp, rtsps, http, https, rtmp, rtmps, srt, file or a path,
    /// v4l2:///dev/video0, lavfi:graph.</summary>
    public string Url { get; init; } = "";

    /// <summary>Where decoding runs. One that is named and does not work is an error, never a silent fallback.</summary>
    public Hwaccel Hwaccel { get; init; } = Hwaccel.Auto;

    /// <summary>How well decoding in software is done; decoding in hardware is always exact.</summary>
    public DecodeMode Decode { get; init; } = DecodeMode.Exact;

    /// <summary>How RTSP carries the frames.</summary>
    public RtspTransport Transport { get; init; } = RtspTransport.Tcp;

    /// <summary>Files only: start again at the end.</summary>
    public bool Loop { get; init; }

    /// <summary>Files and test sources only: as fast as a camera would send them, rather than as fast as possible.</summary>
    public bool Realtime { get; init; } = true;

    /// <summary>The part of the frame to look at; all of it if not given.</summary>
    public CropArea? Crop { get; init; }

    /// <summary>Silence after which an open connection counts as lost; a playlist may be silent for three of its segments.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a connection may take to its first frame; a camera may send a key frame only every few seconds.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest distance between two frames that a clip may bridge by holding the earlier one; three
    /// sampling intervals if not given.</summary>
    public TimeSpan? MaxGap { get; init; }

    /// <summary>Which windows are not worth the model's time.</summary>
    public QualityOptions Quality { get; init; } = new();

    /// <summary>Whether it may sleep: auto (read, and decoded only while something may be happening), never.</summary>
    public SleepMode Sleep { get; init; } = SleepMode.Auto;

    /// <summary>HTTP cameras only: other hosts to which a camera may send us, by a redirect or in a playlist; *.example.com stands for
    /// all below one. None unless set.</summary>
    public IReadOnlyList<string> RedirectHosts { get; init; } = [];

    /// <summary>Most pixels of a frame as it comes; a camera that sends larger ones is not opened (too_large). 8K has
    /// 33 million.</summary>
    public int MaxPixels { get; init; } = 40_000_000;

    /// <summary>Most bytes that decoding in software may take; a camera that needs more is not opened (memory). 4K takes 160 to 230
    /// million, 8K in H.265 with 10 bits 770 million.</summary>
    public long DecoderMemory { get; init; } = 1_000_000_000;

    /// <summary>More arguments for ffmpeg, before its -i.</summary>
    public IReadOnlyList<string> InputArguments { get; init; } = [];

    /// <summary>The longest distance between two frames that a clip bridges.</summary>
    /// <param name="interval">Sampling interval.</param>
    public TimeSpan GapFor(TimeSpan interval) => MaxGap ?? 3 * interval;

    /// <summary>True if frames should be dropped rather than waited for: a live source, or a file played like one.</summary>
    public bool IsPaced => !SourceAddress.TryParse(Url, out var address) || address.IsLive || Realtime;

    /// <summary>True if frames come some seconds at a time: by its address, or because ffmpeg is told so.</summary>
    public bool IsSegmented => (SourceAddress.TryParse(Url, out var address) && address.IsPlaylist)
        || InputArguments.Zip(InputArguments.Skip(1)).Any(pair => pair is ("-f", "hls" or "dash"));

    /// <summary>True if the source has an end that is not a fault.</summary>
    public bool EndsByItself => SourceAddress.TryParse(Url, out var address) && !address.IsLive && !Loop;

    public void Check(ConfigCheck check)
    {
        var isAddress = SourceAddress.TryParse(Url, out var address);
        if (SafeUri.WhyMisread(Url) is { } why)
        {
            check.Report(nameof(Url), why);
        }
        else
        {
            check.Expect(isAddress, SafeUri.Of(Url), SourceAddress.Expected, nameof(Url));
        }

        SafeUri.Learn(InputArguments);
        check.Expect(!Loop || address is not { IsLive: true }, Loop, "false: only files can be played again", nameof(Loop));
        check.Expect(StallTimeout >= TimeSpan.FromSeconds(1) && StallTimeout <= TimeSpan.FromMinutes(10), StallTimeout, "1s to 10m");
        check.Expect(ConnectTimeout >= TimeSpan.FromSeconds(1) && ConnectTimeout <= TimeSpan.FromMinutes(10), ConnectTimeout, "1s to 10m");
        check.Expect(
            MaxGap is null || (MaxGap > TimeSpan.Zero && MaxGap <= TimeSpan.FromMinutes(1)), MaxGap,
            "more than 0, at most 1m", nameof(MaxGap));
        for (var i = 0; i < RedirectHosts.Count; i++)
        {
            var host = RedirectHosts[i];
            check.At(nameof(RedirectHosts)).Expect(
                Uri.CheckHostName(host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host) != UriHostNameType.Unknown, host,
                "a host name or address without port, such as cdn.example.com or *.example.com", $"{i}");
        }

        check.Expect(MaxPixels >= 10_000, MaxPixels, "10000 or more", nameof(MaxPixels));
        check.Expect(
            DecoderMemory >= 100_000_000, DecoderMemory, "100000000 (100 MB) or more: ffmpeg alone takes half of it",
            nameof(DecoderMemory));
        Crop?.Check(check.At(nameof(Crop)));
        Quality.Check(check.At(nameof(Quality)));
    }
}
