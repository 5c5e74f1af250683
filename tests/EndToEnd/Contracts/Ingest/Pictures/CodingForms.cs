namespace ActionStream.EndToEnd.Contracts.Ingest.Pictures;

/// <summary>Ways of coding that ffmpeg's encoders know: the container, then the encoder's options.</summary>
internal static class CodingForms
{
    /// <summary>For x264.</summary>
    public static TheoryData<string> H264 =>
    [
        "mp4 -crf 23",
        "flv -crf 30 -bf 0 -profile:v baseline",
        "ts -crf 23 -bf 2",
        "h264 -crf 23 -bf 0 -tune zerolatency -bsf:v h264_metadata=aud=insert",
        "h264 -b:v 200k -maxrate 200k -bufsize 100k -bf 0 -g 10",
        "mp4 -b:v 60k -maxrate 60k -bufsize 30k -x264-params nal-hrd=cbr",
        "h264 -qp 0",
        "h264 -crf 23 -coder 0",
        "h264 -crf 23 -bf 4 -x264-params b-pyramid=strict:b-adapt=0",
        "mp4 -crf 23 -bf 8 -x264-params b-pyramid=normal:b-adapt=0:ref=8",
        "h264 -crf 23 -x264-params weightp=2:bframes=0:ref=5",
        "h264 -crf 23 -x264-params weightp=2:weightb=1:bframes=3:ref=5 -coder 0",
        "h264 -crf 23 -x264-params slices=4",
        "mp4 -crf 23 -x264-params slices=4:bframes=0:ref=16",
        "h264 -crf 23 -x264-params open-gop=1:keyint=12:bframes=3:b-adapt=0",
        "ts -crf 23 -x264-params intra-refresh=1:keyint=12:slices=3",
        "h264 -crf 23 -x264-params cqm=jvt",
        "h264 -crf 23 -flags +ilme+ildct -x264-params tff=1",
        "h264 -crf 23 -flags +ilme+ildct -x264-params bff=1:bframes=3:weightp=2:ref=4",
        "h264 -crf 23 -pix_fmt yuv420p10le",
        "mp4 -qp 1 -pix_fmt yuv420p10le -bf 2",
        "h264 -crf 23 -pix_fmt yuv444p -bf 2 -x264-params weightp=2:ref=3",
        "mp4 -crf 23 -pix_fmt gray -bf 2 -x264-params weightp=2:ref=3",
        "mkv -crf 23 -preset veryslow -x264-params stitchable=1:keyint=10",
    ];

    /// <summary>For x264, and seldom different.</summary>
    public static TheoryData<string> MoreH264 =>
    [
        "mkv -crf 23 -bf 3",
        "h264 -crf 23",
        "h264 -qp 51 -bf 2",
        "h264 -crf 23 -bf 4 -x264-params b-pyramid=none:b-adapt=0",
        "h264 -crf 23 -x264-params weightp=0:weightb=0",
        "h264 -crf 23 -x264-params weightp=1:bframes=0",
        "h264 -crf 23 -x264-params slice-max-size=300",
        "h264 -crf 23 -x264-params intra-refresh=1:keyint=12:bframes=0",
        "mp4 -crf 23 -x264-params keyint=5",
        "h264 -crf 23 -x264-params no-deblock=1",
        "h264 -crf 23 -x264-params deblock=2,2:constrained-intra=1:cabac=0",
        "h264 -crf 23 -x264-params fake-interlaced=1",
        "h264 -crf 23 -pix_fmt yuv422p -bf 2",
        "h264 -crf 23 -pix_fmt yuv422p10le",
        "h264 -crf 23 -profile:v main -preset ultrafast",
        "h264 -crf 23 -preset veryslow",
        "h264 -crf 23 -g 1",
    ];

    /// <summary>For x265.</summary>
    public static TheoryData<string> H265 =>
    [
        "mp4 crf=28",
        "ts crf=28",
        "hevc crf=28:repeat-headers=1:keyint=10",
        "hevc bitrate=100:vbv-maxrate=100:vbv-bufsize=50:bframes=0",
        "hevc qp=0:bframes=2",
        "hevc crf=28:wpp=0",
        "hevc crf=28:slices=4:ctu=16",
        "mp4 crf=28:slices=3:ctu=32:bframes=0",
        "hevc crf=28:open-gop=1:keyint=12:bframes=3:b-adapt=0",
        "hevc crf=28:intra-refresh=1:keyint=12:bframes=0",
        "hevc crf=28:weightp=1:weightb=1:bframes=3",
        "hevc crf=28:no-weightp=1:ref=6:bframes=8:b-adapt=0:b-pyramid=1",
        "hevc crf=28:scaling-list=default",
        "hevc crf=28:temporal-layers=1:bframes=3",
        "hevc crf=28:opt-ref-list-length-pps=1:opt-qp-pps=1:repeat-headers=1:keyint=10",
        "hevc crf=28:interlace=tff",
        "mp4 qp=2:profile=main10 -pix_fmt yuv420p10le",
        "hevc crf=28:weightp=1:bframes=2 -pix_fmt yuv444p",
        "hevc crf=28:weightp=1:bframes=2 -pix_fmt gray",
        "hevc crf=28 -pix_fmt yuv444p12le",
    ];

    /// <summary>For x265, and seldom different.</summary>
    public static TheoryData<string> MoreH265 =>
    [
        "mkv crf=28:bframes=4",
        "hevc crf=28",
        "hevc qp=51",
        "hevc crf=28:open-gop=0:keyint=12:bframes=3",
        "hevc crf=28:weightp=1:bframes=0:ref=5",
        "hevc crf=28:no-b-pyramid=1:bframes=4:b-adapt=0",
        "hevc crf=28:no-sao=1:no-deblock=1",
        "hevc crf=28:deblock=2,2:amp=1:rect=1",
        "hevc crf=28:lossless=1",
        "hevc crf=28:cu-lossless=1:tskip=1:cbqpoffs=3:crqpoffs=-3",
        "hevc crf=28:no-temporal-mvp=1",
        "hevc crf=28:aud=1:hrd=1:vbv-maxrate=200:vbv-bufsize=100",
        "hevc crf=28:keyint=1",
        "hevc crf=28:strong-intra-smoothing=0:constrained-intra=1:max-merge=5",
        "hevc crf=28:multi-pass-opt-rps=0:rskip=0:limit-refs=0:ref=4:bframes=3",
        "hevc crf=28:idr-recovery-sei=1:keyint=10",
        "hevc crf=28:profile=main10 -pix_fmt yuv420p10le",
        "hevc crf=28 -pix_fmt yuv422p",
        "hevc crf=28 -preset ultrafast",
        "hevc crf=28:ref=5 -preset slower",
    ];

    /// <summary>First whether every intra picture is a clean start: of those that cannot have B pictures, and those whose groups say
    /// so.</summary>
    public static TheoryData<string> Mpeg4 =>
    [
        "clean mp4 mpeg4 -q:v 5",
        "clean ts mpeg4 -b:v 300k -g 5",
        "open mp4 mpeg4 -q:v 5 -bf 2 -g 10",
        "clean mp4 mpeg4 -q:v 5 -bf 2 -g 10 -flags +cgop -sc_threshold 1000000000",
        "clean mp4 mpeg4 -q:v 5 -flags +ilme+ildct",
        "clean mp4 mpeg4 -q:v 5 -mpeg_quant 1",
        "clean mp4 mpeg4 -q:v 5 -ps 200",
        "clean mp4 mpeg4 -q:v 5 -flags +qpel",
        "clean mp4 mpeg4 -q:v 5 -r 7",
        "clean mp4 libxvid -q:v 5",
        "clean mov libxvid -q:v 9 -g 10",
    ];

    /// <summary>Seldom different.</summary>
    public static TheoryData<string> MoreMpeg4 =>
    [
        "clean mkv mpeg4 -q:v 2 -g 10",
        "clean avi mpeg4 -q:v 31",
        "clean mov mpeg4 -b:v 100k",
        "open mkv mpeg4 -q:v 7 -bf 3 -b_strategy 0",
        "clean mp4 mpeg4 -q:v 5 -data_partitioning 1",
        "clean mp4 mpeg4 -q:v 5 -r 30000/1001",
        "clean mp4 libxvid -b:v 100k -mpeg_quant 1",
    ];

    /// <summary>For the encoder of Motion JPEG.</summary>
    public static TheoryData<string> Mjpeg =>
    [
        "avi -q:v 5",
        "mkv -q:v 31",
        "mp4 -q:v 2 -pix_fmt yuvj422p",
        "nut -q:v 3 -huffman optimal",
        "nut -q:v 3 -slices 4",
    ];
}
