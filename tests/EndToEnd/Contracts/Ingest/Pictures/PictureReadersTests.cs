using ActionStream.EndToEnd.Support;
using ActionStream.Ingest.Packets;
using ActionStream.Ingest.Packets.Pictures;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Contracts.Ingest.Pictures;

/// <summary>What is read of packets without decoding them is what ffmpeg reads of them, for every way of coding that its encoders
/// know.</summary>
public sealed class PictureReadersTests(ITestOutputHelper output)
{
    private const string Moving = "-f lavfi -i testsrc2=size=192x128:rate=25:duration=1.2,fade=t=in:d=0.5,fade=t=out:st=0.7:d=0.5 -threads 1";

    private static readonly string[] H264 =
    [
        "mp4 -crf 23",
        "mkv -crf 23 -bf 3",
        "flv -crf 30 -bf 0 -profile:v baseline",
        "ts -crf 23 -bf 2",
        "h264 -crf 23",
        "h264 -crf 23 -bf 0 -tune zerolatency -bsf:v h264_metadata=aud=insert",
        "h264 -b:v 200k -maxrate 200k -bufsize 100k -bf 0 -g 10",
        "mp4 -b:v 60k -maxrate 60k -bufsize 30k -x264-params nal-hrd=cbr",
        "h264 -qp 0",
        "h264 -qp 51 -bf 2",
        "h264 -crf 23 -coder 0",
        "h264 -crf 23 -bf 4 -x264-params b-pyramid=none:b-adapt=0",
        "h264 -crf 23 -bf 4 -x264-params b-pyramid=strict:b-adapt=0",
        "mp4 -crf 23 -bf 8 -x264-params b-pyramid=normal:b-adapt=0:ref=8",
        "h264 -crf 23 -x264-params weightp=0:weightb=0",
        "h264 -crf 23 -x264-params weightp=1:bframes=0",
        "h264 -crf 23 -x264-params weightp=2:bframes=0:ref=5",
        "h264 -crf 23 -x264-params weightp=2:weightb=1:bframes=3:ref=5 -coder 0",
        "h264 -crf 23 -x264-params slices=4",
        "h264 -crf 23 -x264-params slice-max-size=300",
        "mp4 -crf 23 -x264-params slices=4:bframes=0:ref=16",
        "h264 -crf 23 -x264-params open-gop=1:keyint=12:bframes=3:b-adapt=0",
        "h264 -crf 23 -x264-params intra-refresh=1:keyint=12:bframes=0",
        "ts -crf 23 -x264-params intra-refresh=1:keyint=12:slices=3",
        "mp4 -crf 23 -x264-params keyint=5",
        "h264 -crf 23 -x264-params no-deblock=1",
        "h264 -crf 23 -x264-params deblock=2,2:constrained-intra=1:cabac=0",
        "h264 -crf 23 -x264-params cqm=jvt",
        "h264 -crf 23 -flags +ilme+ildct -x264-params tff=1",
        "h264 -crf 23 -flags +ilme+ildct -x264-params bff=1:bframes=3:weightp=2:ref=4",
        "h264 -crf 23 -x264-params fake-interlaced=1",
        "h264 -crf 23 -pix_fmt yuv420p10le",
        "mp4 -qp 1 -pix_fmt yuv420p10le -bf 2",
        "h264 -crf 23 -pix_fmt yuv422p -bf 2",
        "h264 -crf 23 -pix_fmt yuv422p10le",
        "h264 -crf 23 -pix_fmt yuv444p -bf 2 -x264-params weightp=2:ref=3",
        "mp4 -crf 23 -pix_fmt gray -bf 2 -x264-params weightp=2:ref=3",
        "h264 -crf 23 -profile:v main -preset ultrafast",
        "h264 -crf 23 -preset veryslow",
        "mkv -crf 23 -preset veryslow -x264-params stitchable=1:keyint=10",
        "h264 -crf 23 -g 1",
    ];

    private static readonly string[] H265 =
    [
        "mp4 crf=28",
        "mkv crf=28:bframes=4",
        "ts crf=28",
        "hevc crf=28",
        "hevc crf=28:repeat-headers=1:keyint=10",
        "hevc bitrate=100:vbv-maxrate=100:vbv-bufsize=50:bframes=0",
        "hevc qp=0:bframes=2",
        "hevc qp=51",
        "hevc crf=28:wpp=0",
        "hevc crf=28:slices=4:ctu=16",
        "mp4 crf=28:slices=3:ctu=32:bframes=0",
        "hevc crf=28:open-gop=1:keyint=12:bframes=3:b-adapt=0",
        "hevc crf=28:open-gop=0:keyint=12:bframes=3",
        "hevc crf=28:intra-refresh=1:keyint=12:bframes=0",
        "hevc crf=28:weightp=1:weightb=1:bframes=3",
        "hevc crf=28:weightp=1:bframes=0:ref=5",
        "hevc crf=28:no-weightp=1:ref=6:bframes=8:b-adapt=0:b-pyramid=1",
        "hevc crf=28:no-b-pyramid=1:bframes=4:b-adapt=0",
        "hevc crf=28:no-sao=1:no-deblock=1",
        "hevc crf=28:deblock=2,2:amp=1:rect=1",
        "hevc crf=28:scaling-list=default",
        "hevc crf=28:lossless=1",
        "hevc crf=28:cu-lossless=1:tskip=1:cbqpoffs=3:crqpoffs=-3",
        "hevc crf=28:temporal-layers=1:bframes=3",
        "hevc crf=28:no-temporal-mvp=1",
        "hevc crf=28:aud=1:hrd=1:vbv-maxrate=200:vbv-bufsize=100",
        "hevc crf=28:keyint=1",
        "hevc crf=28:strong-intra-smoothing=0:constrained-intra=1:max-merge=5",
        "hevc crf=28:opt-ref-list-length-pps=1:opt-qp-pps=1:repeat-headers=1:keyint=10",
        "hevc crf=28:multi-pass-opt-rps=0:rskip=0:limit-refs=0:ref=4:bframes=3",
        "hevc crf=28:interlace=tff",
        "hevc crf=28:idr-recovery-sei=1:keyint=10",
        "hevc crf=28:profile=main10 -pix_fmt yuv420p10le",
        "mp4 qp=2:profile=main10 -pix_fmt yuv420p10le",
        "hevc crf=28 -pix_fmt yuv422p",
        "hevc crf=28:weightp=1:bframes=2 -pix_fmt yuv444p",
        "hevc crf=28:weightp=1:bframes=2 -pix_fmt gray",
        "hevc crf=28 -pix_fmt yuv444p12le",
        "hevc crf=28 -preset ultrafast",
        "hevc crf=28:ref=5 -preset slower",
    ];

    // Which of them begin cleanly at every intra picture: those that cannot have B pictures, and those whose groups say so.
    private static readonly string[] Mpeg4 =
    [
        "clean mp4 mpeg4 -q:v 5",
        "clean mkv mpeg4 -q:v 2 -g 10",
        "clean avi mpeg4 -q:v 31",
        "clean mov mpeg4 -b:v 100k",
        "clean ts mpeg4 -b:v 300k -g 5",
        "open mp4 mpeg4 -q:v 5 -bf 2 -g 10",
        "open mkv mpeg4 -q:v 7 -bf 3 -b_strategy 0",
        "clean mp4 mpeg4 -q:v 5 -bf 2 -g 10 -flags +cgop -sc_threshold 1000000000",
        "clean mp4 mpeg4 -q:v 5 -flags +ilme+ildct",
        "clean mp4 mpeg4 -q:v 5 -mpeg_quant 1",
        "clean mp4 mpeg4 -q:v 5 -data_partitioning 1",
        "clean mp4 mpeg4 -q:v 5 -ps 200",
        "clean mp4 mpeg4 -q:v 5 -flags +qpel",
        "clean mp4 mpeg4 -q:v 5 -r 30000/1001",
        "clean mp4 mpeg4 -q:v 5 -r 7",
        "clean mp4 libxvid -q:v 5",
        "clean mov libxvid -q:v 9 -g 10",
        "clean mp4 libxvid -b:v 100k -mpeg_quant 1",
    ];

    private static readonly string[] Mjpeg =
        ["avi -q:v 5", "mkv -q:v 31", "mp4 -q:v 2 -pix_fmt yuvj422p", "nut -q:v 3 -huffman optimal", "nut -q:v 3 -slices 4"];

    public static TheoryData<string> Mpeg4Forms => [.. Mpeg4];

    public static TheoryData<string> MjpegForms => [.. Mjpeg];

    public static TheoryData<string> H264Forms => [.. H264];

    public static TheoryData<string> H265Forms => [.. H265];

    [NeedsTheory("ffmpeg", "ffprobe")]
    [MemberData(nameof(H264Forms))]
    public void H264_is_read_as_ffmpeg_reads_it(string form)
    {
        var (container, options) = Split(form);
        var video = CodedVideo.Make(VideoCodec.H264, $"{Moving} -c:v libx264 {Pixels(options)} {options}", container);
        Compare(form, video);
    }

    [NeedsTheory("ffmpeg", "ffprobe")]
    [MemberData(nameof(H265Forms))]
    public void H265_is_read_as_ffmpeg_reads_it(string form)
    {
        var (container, options) = Split(form);
        var video = CodedVideo.Make(
            VideoCodec.H265, $"{Moving} -c:v libx265 {Pixels(options)} -x265-params log-level=error:pools=1:frame-threads=1:{options}", container);
        Compare(form, video);
    }

    [NeedsTheory("ffmpeg", "ffprobe")]
    [MemberData(nameof(Mpeg4Forms))]
    public void Mpeg4_is_read_as_ffmpeg_reads_it(string form)
    {
        var words = form.Split(' ', 4);
        Compare(form, CodedVideo.MakeMpeg4(
            $"{Moving} -pix_fmt yuv420p -c:v {words[2]} {words[3]}", words[1], isClean: words[0] == "clean"));
    }

    [NeedsTheory("ffmpeg", "ffprobe")]
    [MemberData(nameof(MjpegForms))]
    public void Every_picture_of_motion_jpeg_is_a_start(string form)
    {
        var (container, options) = Split(form);
        Compare(form, CodedVideo.MakeMjpeg($"{Moving} -pix_fmt yuvj420p -c:v mjpeg {options}", container));
    }

    private static (string Container, string Options) Split(string form) => form.Split(' ', 2) is [var container, var options]
        ? (container, options)
        : throw new ArgumentException(form);

    private static string Pixels(string options) => options.Contains("pix_fmt", StringComparison.Ordinal) ? "" : "-pix_fmt yuv420p";

    private void Compare(string form, CodedVideo video)
    {
        var reader = PictureReaders.For(video.Stream)!;
        var (right, unread) = (0, 0);
        var wrong = new List<string>();
        foreach (var (i, packet) in video.Packets.Index())
        {
            if (!reader.TryRead(packet.Bytes, out var picture))
            {
                unread++;
            }
            else if (picture == new Picture(packet.Type, packet.Quantiser, packet.IsCleanStart)
                || (video.Stream.Codec == VideoCodec.Mpeg4 && packet.Quantiser is null)) // nothing is known of it
            {
                right++;
            }
            else
            {
                wrong.Add($"{i}: {picture}, should be {packet.Type} {packet.Quantiser} {packet.IsCleanStart}");
            }
        }

        var types = string.Concat(video.Packets.Select(packet => packet.Type.ToString()[0]));
        output.WriteLine($"{form} | {video.Packets.Count} | {right} | {unread} | {wrong.Count} | {types}");
        Assert.Empty(wrong);
        Assert.Equal(0, unread);
    }
}
