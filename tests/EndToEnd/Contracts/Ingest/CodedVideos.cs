using ActionStream.Ingest.Ffmpeg.Nut;
using ActionStream.Ingest.Packets;

namespace ActionStream.EndToEnd.Contracts.Ingest;

/// <summary>Six seconds of one scene in the codings that cameras have, a key picture each second, and their packets.</summary>
internal static class CodedVideos
{
    public const string OpenH264 = "H.264 of open groups";

    private const string Scene = "-f lavfi -i testsrc2=size=192x128:rate=25:duration=6 -pix_fmt yuv420p";

    private static readonly Dictionary<string, (string Encoder, string File)> Codings = new(StringComparer.Ordinal)
    {
        ["H.264 without B pictures"] = ("-c:v libx264 -preset ultrafast -bf 0 -g 25", "h264.mp4"),
        ["H.264 with B pictures"] = ("-c:v libx264 -preset veryfast -bf 2 -g 25", "h264-b.mp4"),
        ["H.264 with B pictures in MPEG-TS"] = ("-c:v libx264 -preset veryfast -bf 2 -g 25", "h264-b.ts"),
        [OpenH264] = ("-c:v libx264 -preset veryfast -bf 2 -g 25 -x264-params open-gop=1", "h264-open.mp4"),
        ["H.265 with B pictures"] = ("-c:v libx265 -preset ultrafast -x265-params log-level=error:bframes=2:keyint=25:open-gop=0", "h265-b.mp4"),
        ["H.265 with B pictures in MPEG-TS"] =
            ("-c:v libx265 -preset ultrafast -x265-params log-level=error:bframes=2:keyint=25:open-gop=0", "h265-b.ts"),
        ["H.265 of open groups"] =
            ("-c:v libx265 -preset ultrafast -x265-params log-level=error:bframes=2:keyint=25:open-gop=1", "h265-open.mp4"),
        ["MPEG-4"] = ("-c:v mpeg4 -g 25 -q:v 4", "mpeg4.mp4"),
        ["MPEG-4 with B pictures"] = ("-c:v mpeg4 -bf 2 -g 25 -flags +cgop -sc_threshold 1000000000 -q:v 4", "mpeg4-b.mp4"),
        ["MJPEG"] = ("-c:v mjpeg -q:v 4 -pix_fmt yuvj420p", "mjpeg.mp4"),
    };

    public static IEnumerable<string> All => Codings.Keys;

    public static string Make(string coding)
    {
        var (encoder, file) = Codings[coding];
        return Videos.Made("packets-" + file, $"{Scene} {encoder}");
    }

    /// <summary>The packets of a file as a reader child hands them on.</summary>
    public static (CodedStream Stream, List<Packet> Packets) Read(string file)
    {
        var nut = Videos.Output($"-copyts -i {file} -map 0:V:0 -c copy -copyinkf -avoid_negative_ts disabled -f nut");
        var reader = new NutPacketReader(new MemoryStream(nut));
        var stream = reader.ReadHeader() ?? throw new InvalidOperationException("no header");
        var packets = new List<Packet>();
        while (reader.TryRead(out var head))
        {
            var packet = new Packet(head.Length) { Presentation = head.Presentation, IsKey = head.IsKey };
            Assert.True(reader.TryReadBytes(packet.Bytes));
            packets.Add(packet);
        }

        Assert.False(reader.WasCutOff);
        return (stream, packets);
    }
}
