using ActionStream.Core.Media;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Recording;
using ActionStream.Ingest.Sources;

namespace ActionStream.Unit.Ingest.Recording;

public sealed class RecordingArgumentsTests
{
    private static readonly FrameSpec Picture = new(TimeSpan.FromMilliseconds(125), new FrameSize(224, 224), Fit.Crop);

    [Fact]
    public void The_stream_is_kept_by_the_same_child_before_it_is_decoded_and_else_only_times_that_jump_are_straightened()
    {
        var camera = new SourceOptions { Url = "rtsp://cam/1" };
        var alone = FfmpegArguments.Build(camera, Picture, new Version(5, 1));
        var kept = FfmpegArguments.Build(
            camera, Picture, new Version(5, 1),
            copy: RecordingArguments.Copy("/ring/front/3", new RingSpec("/ring", TimeSpan.FromSeconds(75), 1_000_000)));

        Assert.Equal(
            "-map 0:V:0 -c copy -f tee "
            + "[f=null]-|[f=segment:onfail=ignore:avoid_negative_ts=disabled:segment_format=mpegts:segment_time=1:segment_wrap=85"
                + ":segment_list_type=csv:segment_list_size=83:segment_list=/ring/front/3/list.csv]/ring/front/3/%05d.ts "
                + string.Join(' ', alone.After),
            string.Join(' ', kept.After));
        Assert.Equal(
            (alone.Input, string.Join(' ', alone.Before).Replace("-copyts -start_at_zero ", "", StringComparison.Ordinal)),
            (kept.Input, string.Join(' ', kept.Before)));
    }

    [Fact]
    public void Pieces_are_joined_without_decoding() => Assert.Equal(
        "-nostdin -hide_banner -nostats -loglevel error -y -f mpegts -i concat:00007.ts|00008.ts|00000.ts"
            + " -map 0:V:0 -c copy -movflags +faststart -f mp4 /media/a.mp4.part",
        string.Join(' ', RecordingArguments.Join(["00007.ts", "00008.ts", "00000.ts"], "/media/a.mp4.part")));

    [Theory]
    [InlineData(
        "[mpegts @ 0x55] Stream 0, codec mjpeg, is muxed as a private data stream and may not be recognized upon reading.", true,
        "Stream 0, codec mjpeg,")]
    [InlineData(
        "[tee @ 0x55] Slave muxer #1 failed: No space left on device, continuing with 1/2 slaves.", false,
        "Slave muxer #1 failed: No space")]
    [InlineData("[h264 @ 0x55] error while decoding MB 3 4", false, null)]
    public void What_ffmpeg_says_against_keeping_a_stream_is_told_from_the_rest(string line, bool isRefusal, string? told)
    {
        var fault = RecordingArguments.KeepingFault(["[rtsp @ 0x1] whatever", line]);
        Assert.StartsWith(told ?? "none", fault ?? "none", StringComparison.Ordinal);
        Assert.Equal(isRefusal, fault is not null && RecordingArguments.IsRefusal(fault));
    }
}
