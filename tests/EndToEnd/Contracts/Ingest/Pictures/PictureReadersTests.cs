using ActionStream.EndToEnd.Support;
using ActionStream.Ingest.Packets;
using ActionStream.Ingest.Packets.Pictures;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Contracts.Ingest.Pictures;

/// <summary>What is read of packets without decoding them is what ffmpeg reads of them, for every way of coding that its encoders
/// know.</summary>
public sealed class PictureReadersTests(ITestOutputHelper output)
{
    private const string Moving =
        "-f lavfi -i testsrc2=size=192x128:rate=25:duration=1.2,fade=t=in:d=0.5,fade=t=out:st=0.7:d=0.5 -threads 1";

    [NeedsTheory("ffmpeg", "ffprobe")]
    [MemberData(nameof(CodingForms.H264), MemberType = typeof(CodingForms))]
    public void H264_is_read_as_ffmpeg_reads_it(string form)
    {
        var (container, options) = Split(form);
        var video = CodedVideo.Make(VideoCodec.H264, $"{Moving} -c:v libx264 {Pixels(options)} {options}", container);
        Compare(form, video);
    }

    [NeedsTheory("ffmpeg", "ffprobe")]
    [MemberData(nameof(CodingForms.H265), MemberType = typeof(CodingForms))]
    public void H265_is_read_as_ffmpeg_reads_it(string form)
    {
        var (container, options) = Split(form);
        var video = CodedVideo.Make(
            VideoCodec.H265,
            $"{Moving} -c:v libx265 {Pixels(options)} -x265-params log-level=error:pools=1:frame-threads=1:{options}",
            container);
        Compare(form, video);
    }

    [NeedsTheory("ffmpeg", "ffprobe")]
    [MemberData(nameof(CodingForms.Mpeg4), MemberType = typeof(CodingForms))]
    public void Mpeg4_is_read_as_ffmpeg_reads_it(string form)
    {
        var words = form.Split(' ', 4);
        Compare(form, CodedVideo.MakeMpeg4(
            $"{Moving} -pix_fmt yuv420p -c:v {words[2]} {words[3]}", words[1], isClean: words[0] == "clean"));
    }

    [NeedsTheory("ffmpeg", "ffprobe")]
    [MemberData(nameof(CodingForms.Mjpeg), MemberType = typeof(CodingForms))]
    public void Every_picture_of_motion_jpeg_is_a_start(string form)
    {
        var (container, options) = Split(form);
        Compare(form, CodedVideo.MakeMjpeg($"{Moving} -pix_fmt yuvj420p -c:v mjpeg {options}", container));
    }

    [NeedsTheory("ffmpeg", "ffprobe")]
    [InlineData("h264", "libx264 -crf 30 -x264-params keyint=8:min-keyint=4:bframes=3", 4)]
    [InlineData("h264", "libx264 -crf 30 -x264-params keyint=8:min-keyint=4:bframes=3:open-gop=1", 1)]
    [InlineData("hevc", "libx265 -x265-params log-level=error:keyint=8:min-keyint=4:bframes=3:open-gop=1", 4)]
    [InlineData("m4v", "mpeg4 -q:v 5 -g 8 -bf 2 -flags +cgop -sc_threshold 1000000000", 4)]
    [InlineData("m4v", "mpeg4 -q:v 5 -g 8", 4)]
    public void From_a_clean_start_on_all_comes_out_as_if_decoded_from_the_beginning(string format, string encoder, int leastStarts)
    {
        var stream = format == "m4v"
            ? CodedVideo.MakeMpeg4($"{Moving} -pix_fmt yuv420p -c:v {encoder}", "ts", isClean: true)
            : CodedVideo.Make(
                format == "h264" ? VideoCodec.H264 : VideoCodec.H265, $"{Moving} -pix_fmt yuv420p -c:v {encoder}", format);
        var reader = PictureReaders.For(stream.Stream)!;
        var starts = stream.Packets.Index()
            .Where(packet => reader.TryRead(packet.Item.Bytes, out var picture) && picture.IsCleanStart)
            .Select(packet => packet.Index).ToList();
        var whole = CodedVideo.Shown(format, [.. stream.Packets.SelectMany(packet => packet.Bytes)]);

        Assert.True(starts.Count >= leastStarts && starts[0] == 0, string.Join(' ', starts));
        foreach (var start in starts)
        {
            var part = CodedVideo.Shown(format, [.. stream.Packets.Skip(start).SelectMany(packet => packet.Bytes)]);
            Assert.NotEmpty(part);
            Assert.Equal(whole[^part.Count..], part);
        }
    }

    [MeasureTheory("ffmpeg", "ffprobe")]
    [MemberData(nameof(CodingForms.MoreH264), MemberType = typeof(CodingForms))]
    public void H264_of_seldom_forms_is_read_as_ffmpeg_reads_it(string form) => H264_is_read_as_ffmpeg_reads_it(form);

    [MeasureTheory("ffmpeg", "ffprobe")]
    [MemberData(nameof(CodingForms.MoreH265), MemberType = typeof(CodingForms))]
    public void H265_of_seldom_forms_is_read_as_ffmpeg_reads_it(string form) => H265_is_read_as_ffmpeg_reads_it(form);

    [MeasureTheory("ffmpeg", "ffprobe")]
    [MemberData(nameof(CodingForms.MoreMpeg4), MemberType = typeof(CodingForms))]
    public void Mpeg4_of_seldom_forms_is_read_as_ffmpeg_reads_it(string form) => Mpeg4_is_read_as_ffmpeg_reads_it(form);

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
