using ActionStream.Core.Media;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Sources;

namespace ActionStream.Unit.Ingest.Ffmpeg;

public sealed class FfmpegArgumentsTests
{
    private const string Select =
        "select='if(isnan(prev_t)+lt(t,prev_t),st(0,-1e18));st(1,floor((t+0.00000127)/0.125+0.5));"
        + "if(gt(ld(1),ld(0))*gte(t+0.00000127+if(isnan(prev_t)+lt(t,prev_t),0.125,min(t-prev_t,0.125))/2,ld(1)*0.125),1+0*st(0,ld(1)))'";

    private const string AsSent = "st(1,PTS-PREV_INPTS);if(lt(ld(1)*TB,-1),st(0,ld(0)+0.5/TB-ld(1)));PTS+ld(0)";

    private const string Global =
        "-hide_banner -nostats -loglevel repeat+warning -filter_threads 1 -copyts -start_at_zero -threads 1 -max_pixels 40000000";

    private const string Format =
        "metadata=add:key=first:value=1:enable='eq(n,0)',metadata=print:key=first:direct=1:file='pipe\\:2'";

    private const string FirstPackets = "-map 0:V:0 -c copy -copyinkf -frames:v 3 -flush_packets 1 -f framecrc pipe:2";

    private static readonly FrameSpec Picture = new(TimeSpan.FromMilliseconds(125), new FrameSize(224, 224), Fit.Crop);

    [Theory]
    [InlineData("rtsp://cam/1", "-rtsp_transport tcp -probesize 32 -analyzeduration 0 -fflags nobuffer -flags low_delay -timeout 15000000")]
    [InlineData(
        "http://cam/live.m3u8",
        "-protocol_whitelist http,https,httpproxy,tls,tcp,crypto,data -fflags nobuffer -analyzeduration 1000000 -rw_timeout 15000000")]
    [InlineData("rtmp://cam/app", "-fflags nobuffer -analyzeduration 1000000 -rw_timeout 15000000")]
    [InlineData("srt://cam:9000", "-fflags nobuffer -analyzeduration 1000000 -rw_timeout 15000000")]
    [InlineData("/clips/a.mp4", "-re")]
    [InlineData("v4l2:///dev/video0", "-f v4l2")]
    [InlineData("lavfi:testsrc2", "-re -f lavfi")]
    public void Each_kind_of_source_has_its_input_options(string url, string expected) =>
        Assert.Equal($"{Global} {expected}", Before(new SourceOptions { Url = url }));

    [Fact]
    public void A_recording_on_a_server_loses_no_picture_to_probing() => Assert.Equal(
        $"{Global} -protocol_whitelist http,https,httpproxy,tls,tcp,crypto,data -rw_timeout 15000000",
        string.Join(
            ' ',
            FfmpegArguments.Build(new SourceOptions { Url = "http://disk/a.mp4" }, Picture, new Version(5, 1), isRecording: true).Before));

    [Theory]
    [InlineData("rtsp://admin:hunter2@cam/1")]
    [InlineData("rtsp://cam/user=admin_password=hunter2_channel=1")]
    [InlineData("http://admin:hunter2@cam/live")]
    [InlineData("srt://cam:9000?passphrase=hunter2")]
    public void A_secret_stands_in_what_ffmpeg_reads_and_not_on_its_command_line(string url)
    {
        var command = FfmpegArguments.Build(new SourceOptions { Url = url }, Picture, new Version(5, 1));
        Assert.DoesNotContain("hunter2", command.Line, StringComparison.Ordinal);
        Assert.StartsWith($"ffconcat version 1.0\nfile '{url}'\noption ", command.Script, StringComparison.Ordinal);
        Assert.Equal("pipe:0", command.Input);
    }

    [Fact]
    public void What_is_read_opens_the_camera_as_the_command_line_would()
    {
        var command = FfmpegArguments.Build(new SourceOptions { Url = "rtsp://u:it's%20me@cam/1" }, Picture, new Version(5, 1));
        Assert.Equal(
            """
            ffconcat version 1.0
            file 'rtsp://u:it'\''s%20me@cam/1'
            option rtsp_transport tcp
            option probesize 32
            option analyzeduration 0
            option fflags nobuffer
            option timeout 15000000

            """,
            command.Script, ignoreLineEndingDifferences: true);
        Assert.Contains("-probesize 32 -analyzeduration 0 -fflags nobuffer -flags low_delay -protocol_whitelist pipe,rtsp,rtsps",
            string.Join(' ', command.Before), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_secret_or_with_arguments_of_ones_own_the_address_stands_where_it_always_did()
    {
        Assert.Null(FfmpegArguments.Build(new SourceOptions { Url = "rtsp://cam/1" }, Picture, new Version(5, 1)).Script);
        Assert.Null(FfmpegArguments.Build(new SourceOptions { Url = "rtsp://u:hunter2@cam/1" }, Picture, new Version(4, 4)).Script);
        Assert.Null(FfmpegArguments.Build(
            new SourceOptions { Url = "rtsp://u:hunter2@cam/1", InputArguments = ["-user_agent", "me"] }, Picture, new Version(5, 1)).Script);
    }

    [Fact]
    public void Choices_show_on_the_input_side()
    {
        Assert.Equal(
            $"{Global} -hwaccel cuda -rtsp_transport udp -probesize 32 -analyzeduration 0 -fflags nobuffer -flags low_delay "
            + "-timeout 35000000 -user_agent me",
            string.Join(' ', FfmpegArguments.Build(
                new SourceOptions
                {
                    Url = "rtsp://cam/1",
                    Transport = RtspTransport.Udp,
                    StallTimeout = TimeSpan.FromSeconds(30),
                    InputArguments = ["-user_agent", "me"],
                },
                Picture, new Version(5, 1), "cuda").Before));
        Assert.Equal($"{Global} -stream_loop -1", Before(new SourceOptions { Url = "a.mp4", Realtime = false, Loop = true }));
    }

    [Fact]
    public void Fast_decoding_is_asked_of_software_and_exact_is_what_nobody_asked_for()
    {
        var fast = new SourceOptions { Url = "/clips/a.mp4", Decode = DecodeMode.Fast };

        Assert.Equal($"{Global} -skip_loop_filter all -skip_frame noref -re", Before(fast));
        Assert.Equal($"{Global} -re", Before(fast with { Decode = DecodeMode.Exact }));
        Assert.Equal(DecodeMode.Exact, new SourceOptions().Decode);
        Assert.Equal(
            $"{Global} -hwaccel cuda -re", string.Join(' ', FfmpegArguments.Build(fast, Picture, new Version(5, 1), "cuda").Before));
        Assert.Equal(
            $"{Global} -skip_loop_filter all -skip_frame noref",
            string.Join(' ', FfmpegArguments.Build(fast with { Realtime = false }, Picture, new Version(5, 1), isRecording: true).Before));
    }

    [Fact]
    public void Fast_decoding_is_the_decoders_business_and_not_the_readers()
    {
        var fast = new SourceOptions { Url = "rtsp://cam/1", Decode = DecodeMode.Fast };
        Assert.Contains(
            " -skip_loop_filter all -skip_frame noref -fpsprobesize 0 ",
            string.Join(' ', FfmpegArguments.BuildDecoder(fast, Picture, new(5, 1), null).Before), StringComparison.Ordinal);
        Assert.DoesNotContain("-skip_frame", FfmpegArguments.BuildDecoder(fast, Picture, new(5, 1), "cuda").Before);
        Assert.DoesNotContain("-skip_frame", FfmpegArguments.BuildReader(fast, Picture.Interval, new(5, 1)).Before);
    }

    [Fact]
    public void Names_that_changed_follow_the_version()
    {
        var camera = new SourceOptions { Url = "rtsp://cam/1" };

        Assert.Contains("-stimeout", FfmpegArguments.Build(camera, Picture, new Version(4, 4)).Before);
        Assert.Contains("-vsync", FfmpegArguments.Build(camera, Picture, new Version(4, 4)).After);
        Assert.Contains("demux", FfmpegArguments.Build(camera, Picture, new Version(7, 1)).After);
    }

    [Theory]
    [InlineData(
        Fit.Crop, "scale=w='max(224,round(224*dar))':h='max(224,round(224/dar))':flags=bilinear,format=rgb24,crop=224:224,setsar=1")]
    [InlineData(
        Fit.Pad,
        "scale=w='min(224,round(224*dar))':h='min(224,round(224/dar))':flags=bilinear,format=rgb24,pad=224:224:-1:-1:black,setsar=1")]
    [InlineData(Fit.Stretch, "scale=224:224:flags=bilinear,format=rgb24,setsar=1")]
    public void The_output_is_thinned_then_scaled_and_carries_times(Fit fit, string scale)
    {
        var command = FfmpegArguments.Build(new SourceOptions { Url = "rtsp://cam/1" }, Picture with { Fit = fit }, new Version(5, 1));

        Assert.Equal(
            $"{FirstPackets} -map 0:V:0 -an -sn -dn -vf setpts='{AsSent}',{Format},{Select},{scale} -c:v rawvideo -threads 1 "
            + "-pix_fmt rgb24 -fps_mode passthrough -enc_time_base -1 -f nut -write_index 0 -flush_packets 1",
            string.Join(' ', command.After));
    }

    [Fact]
    public void The_area_to_look_at_is_cut_after_thinning_and_before_scaling()
    {
        var options = new SourceOptions { Url = "rtsp://cam/1", Crop = new CropArea { X = 0.1, Y = 0.25, Width = 0.5, Height = 0.75 } };

        Assert.Contains(
            $"{Select},crop=iw*0.5:ih*0.75:iw*0.1:ih*0.25,scale=",
            string.Join(' ', FfmpegArguments.Build(options, Picture, new Version(5, 1)).After), StringComparison.Ordinal);
    }

    [Fact]
    public void What_may_carry_no_times_goes_by_arrival_and_what_surely_does_by_its_own()
    {
        const string Invented = "eq(intb,1/25)+eq(intb,1/1200000)";
        Assert.Contains(
            $"-vf settb='if({Invented},1/1000000,intb)',setpts='if(eq(TB,1/1000000),time(0)/TB,{AsSent})',{Format},{Select}",
            After("http://cam/video.mjpg"), StringComparison.Ordinal);
        Assert.Contains("-enc_time_base 1:9000000", After("http://cam/video.mjpg"), StringComparison.Ordinal);
        Assert.All(
            ["rtsp://cam/1", "rtmp://cam/1", "http://cam/live.m3u8?a=b", "/clips/a.h264"],
            url => Assert.DoesNotContain("settb", After(url), StringComparison.Ordinal));
        Assert.DoesNotContain(
            FfmpegArguments.Build(new() { Url = "http://disk/a.mp4" }, Picture, new(5, 1), isRecording: true).After,
            word => word.Contains("settb", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("http://cam/live/index.m3u8", true)]
    [InlineData("https://cam/a.MPD?token=1", true)]
    [InlineData("http://cam/video.mjpg?x=.m3u8", false)]
    [InlineData("/clips/a.m3u8", false)]
    public void A_playlist_is_known_by_its_name(string url, bool expected) =>
        Assert.Equal(expected, new SourceOptions { Url = url }.IsSegmented);

    [Fact]
    public void A_playlist_without_such_a_name_is_known_by_its_format() =>
        Assert.True(new SourceOptions { Url = "http://cam/live", InputArguments = ["-f", "hls"] }.IsSegmented);

    private static string After(string url) => string.Join(' ', FfmpegArguments.Build(new() { Url = url }, Picture, new(5, 1)).After);

    private static string Before(SourceOptions options) =>
        string.Join(' ', FfmpegArguments.Build(options, Picture, new Version(5, 1)).Before);
}
