using System.Globalization;
using System.Text;
using ActionStream.EndToEnd.Support;
using ActionStream.Ingest.Packets;
using ActionStream.Ingest.Packets.Pictures;

namespace ActionStream.EndToEnd.Contracts.Ingest.Pictures;

/// <summary>Makes the packets that unit tests read, with what ffmpeg says of them; UPDATE_GOLDEN=1 writes them anew. Encoders differ
/// from version to version, so the bytes are not compared.</summary>
public sealed class SamplePacketsTests
{
    private const string Moving = "-f lavfi -i testsrc2=size=64x48:rate=25:duration=0.6,fade=t=in:d=0.5 -threads 1 -pix_fmt yuv420p";
    private const string Bare264 = "-bsf:v filter_units=remove_types=6";
    private const string Bare265 = "-bsf:v filter_units=remove_types=39-40";

    private static string File => Path.Combine(Parts.Root, "tests", "Unit", "Ingest", "Packets", "Pictures", "packets.txt");

    [NeedsFact("ffmpeg", "ffprobe")]
    public void Packets_for_the_unit_tests_can_be_made_again()
    {
        CodedVideo[] videos =
        [
            CodedVideo.Make(VideoCodec.H264, $"{Moving} -c:v libx264 -crf 35 -bf 2 -g 8 {Bare264}", "h264"),
            CodedVideo.Make(VideoCodec.H264, $"{Moving} -c:v libx264 -b:v 60k -bf 0 -coder 0 -x264-params slices=2:ref=3 {Bare264}", "mp4"),
            CodedVideo.Make(
                VideoCodec.H264, $"{Moving} -c:v libx264 -crf 40 -flags +ilme+ildct -x264-params open-gop=1:keyint=6:tff=1 {Bare264}",
                "mkv"),
            CodedVideo.Make(VideoCodec.H265, $"{Moving} -c:v libx265 -x265-params log-level=error:crf=35:keyint=8 {Bare265}", "hevc"),
            CodedVideo.Make(
                VideoCodec.H265, $"{Moving} -c:v libx265 -x265-params log-level=error:crf=35:bframes=0:weightp=1 {Bare265}", "mp4"),
            CodedVideo.MakeMpeg4($"{Moving} -c:v mpeg4 -q:v 20 -g 6", "ts", isClean: true),
            CodedVideo.MakeMpeg4($"{Moving} -c:v mpeg4 -q:v 25 -bf 2 -g 6", "mp4", isClean: false),
            CodedVideo.MakeMjpeg("-f lavfi -i testsrc2=size=48x32:rate=5:duration=1 -pix_fmt yuvj420p -c:v mjpeg -q:v 20", "avi"),
        ];
        var text = new StringBuilder("# Made by SamplePacketsTests in tests/EndToEnd: a stream's codec and header, then its packets\n");
        foreach (var video in videos)
        {
            var header = Convert.ToHexStringLower(video.Stream.ExtraData.Span);
            text.Append(CultureInfo.InvariantCulture, $"stream {video.Stream.FourCc:x8} {header}\n");
            foreach (var packet in video.Packets)
            {
                var quantiser = packet.Quantiser?.ToString(CultureInfo.InvariantCulture) ?? "-";
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"{packet.Type} {quantiser} {(packet.IsCleanStart ? "clean" : "-")} {Convert.ToHexStringLower(packet.Bytes)}\n");
            }

            var reader = PictureReaders.For(video.Stream)!;
            Assert.All(video.Packets, packet => Assert.True(reader.TryRead(packet.Bytes, out _)));
        }

        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            System.IO.File.WriteAllText(File, text.ToString());
        }

        Assert.InRange(new FileInfo(File).Length, 1000, 200_000);
    }
}
