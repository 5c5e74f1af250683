using ActionStream.Core.Media;
using ActionStream.Ingest.Ffmpeg;
using ActionStream.Ingest.Sources;

namespace ActionStream.Unit.Ingest.Ffmpeg;

/// <summary>The command lines of a camera that is read by one child and decoded by another, to be read.</summary>
public sealed class PacketArgumentsTests
{
    private const string Global = "-hide_banner -nostats -loglevel repeat+warning -filter_threads 1";
    private const string Reader = $"{Global} -copyts -start_at_zero -threads 1 -max_pixels 40000000";
    private const string Decoder = $"{Global} -copyts -threads 1 -max_pixels 40000000";
    private const string Nut = "-f nut -write_index 0 -flush_packets 1";
    private const string NoDelay = "-fpsprobesize 0 -probesize 32 -analyzeduration 0 -f nut";

    private const string Packets =
        "-map 0:V:0 -an -sn -dn -c:v copy -copyinkf -avoid_negative_ts disabled -bsf:v setts="
        + "pts=if(lt((DTS-PREV_INDTS)*TB\\,-1)\\,st(0\\,ld(0)+0.5/TB-(DTS-PREV_INDTS)))\\;max(if(isnan(PTS)\\,DTS\\,PTS)+ld(0)\\,0)"
        + ":dts=if(lt((DTS-PREV_INDTS)*TB\\,-1)\\,st(0\\,ld(0)+0.5/TB-(DTS-PREV_INDTS)))\\;max(DTS+ld(0)\\,-1e15) " + Nut;

    private const string Thin =
        "metadata=add:key=first:value=1:enable='eq(n,0)',metadata=print:key=first:direct=1:file='pipe\\:2',"
        + "select='if(isnan(prev_t)+lt(t,prev_t),st(0,-1e18));st(1,floor((t+0.00000127)/0.125+0.5));"
        + "if(gt(ld(1),ld(0))*gte(t+0.00000127+if(isnan(prev_t)+lt(t,prev_t),0.125,min(t-prev_t,0.125))/2,ld(1)*0.125),1+0*st(0,ld(1)))'";

    private const string Small = "scale=w='max(224,round(224*dar))':h='max(224,round(224/dar))':flags=bilinear,format=rgb24,crop=224:224,setsar=1";

    private static readonly FrameSpec Picture = new(TimeSpan.FromMilliseconds(125), new FrameSize(224, 224), Fit.Crop);
    private static readonly Version V51 = new(5, 1);

    [Theory]
    [InlineData("rtsp://cam/1", "-rtsp_transport tcp -probesize 32 -analyzeduration 0 -fflags nobuffer -flags low_delay -timeout 15000000")]
    [InlineData(
        "http://cam/video.mjpg",
        "-protocol_whitelist http,https,httpproxy,tls,tcp,crypto,data -fflags nobuffer -analyzeduration 1000000 -rw_timeout 15000000")]
    [InlineData(
        "http://cam/live.m3u8",
        "-protocol_whitelist http,https,httpproxy,tls,tcp,crypto,data -fflags nobuffer -analyzeduration 1000000 -rw_timeout 15000000")]
    [InlineData("rtmp://cam/app", "-fflags nobuffer -analyzeduration 1000000 -rw_timeout 15000000")]
    [InlineData("srt://cam:9000", "-fflags nobuffer -analyzeduration 1000000 -rw_timeout 15000000")]
    public void The_reader_copies_packets_of_every_kind_of_camera_and_does_nothing_else(string url, string input)
    {
        var command = FfmpegArguments.BuildReader(new() { Url = url }, Picture.Interval, V51);

        Assert.Equal($"{Reader} {input}", string.Join(' ', command.Before));
        Assert.Equal(url, command.Input);
        Assert.Equal(
            url.StartsWith("rtmp", StringComparison.Ordinal)
                ? Packets.Replace(Nut, $"-syncpoints none -strict experimental {Nut}", StringComparison.Ordinal) : Packets,
            string.Join(' ', command.After));
        Assert.False(command.TakesInput);
        Assert.Null(command.Script);
    }

    [Theory]
    [InlineData("rtsp://admin:hunter2@cam/1", "rtsp_transport tcp")]
    [InlineData("http://admin:hunter2@cam/live", "fflags nobuffer")]
    [InlineData("srt://cam:9000?passphrase=hunter2", "fflags nobuffer")]
    public void A_secret_stands_in_what_the_reader_reads_and_on_no_command_line(string url, string first)
    {
        var options = new SourceOptions { Url = url };
        var command = FfmpegArguments.BuildReader(options, Picture.Interval, V51);

        Assert.DoesNotContain("hunter2", command.Line, StringComparison.Ordinal);
        Assert.StartsWith($"ffconcat version 1.0\nfile '{url}'\noption {first}\n", command.Script, StringComparison.Ordinal);
        Assert.Equal(("pipe:0", Packets), (command.Input, string.Join(' ', command.After)));
        Assert.DoesNotContain("cam", FfmpegArguments.BuildDecoder(options, Picture, V51, null).Line, StringComparison.Ordinal);
    }

    [Fact]
    public void Arguments_of_ones_own_go_to_the_reader_and_the_way_that_times_leap_follows_the_gap()
    {
        var options = new SourceOptions { Url = "rtsp://cam/1", InputArguments = ["-user_agent", "me"], MaxGap = TimeSpan.FromSeconds(1) };

        var command = FfmpegArguments.BuildReader(options, Picture.Interval, new(4, 4));

        Assert.EndsWith("-stimeout 15000000 -user_agent me", string.Join(' ', command.Before), StringComparison.Ordinal);
        Assert.Contains("st(0\\,ld(0)+1.125/TB-(DTS-PREV_INDTS))", string.Join(' ', command.After), StringComparison.Ordinal);
        Assert.DoesNotContain("-user_agent", FfmpegArguments.BuildDecoder(options, Picture, V51, null).Before);
    }

    [Theory]
    [InlineData("4.4", "-vsync passthrough -enc_time_base -1")]
    [InlineData("5.1", "-fps_mode passthrough -enc_time_base -1")]
    [InlineData("7.0", "-fps_mode passthrough -enc_time_base demux")]
    public void The_decoder_takes_packets_without_delay_and_gives_thinned_frames_with_their_times(string version, string names)
    {
        var command = FfmpegArguments.BuildDecoder(new() { Url = "rtsp://cam/1" }, Picture, new(version), null);

        Assert.Equal($"{Decoder} {NoDelay}", string.Join(' ', command.Before));
        Assert.Equal(("pipe:0", true), (command.Input, command.TakesInput));
        Assert.Equal(
            $"-map 0:v:0 -vf {Thin},{Small} -c:v rawvideo -threads 1 -pix_fmt rgb24 {names} {Nut}", string.Join(' ', command.After));
    }

    [Theory]
    [InlineData(
        Fit.Pad,
        "scale=w='min(224,round(224*dar))':h='min(224,round(224/dar))':flags=bilinear,format=rgb24,pad=224:224:-1:-1:black,setsar=1")]
    [InlineData(Fit.Stretch, "scale=224:224:flags=bilinear,format=rgb24,setsar=1")]
    public void It_cuts_after_thinning_and_before_scaling(Fit fit, string scale)
    {
        var options = new SourceOptions { Url = "rtsp://cam/1", Crop = new CropArea { X = 0.1, Y = 0.25, Width = 0.5, Height = 0.75 } };

        Assert.Contains(
            $"-vf {Thin},crop=iw*0.5:ih*0.75:iw*0.1:ih*0.25,{scale} -c:v",
            string.Join(' ', FfmpegArguments.BuildDecoder(options, Picture with { Fit = fit }, V51, null).After), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, DecodeMode.Exact, "")]
    [InlineData(null, DecodeMode.Fast, " -skip_loop_filter all -skip_frame noref")]
    [InlineData("cuda", DecodeMode.Exact, " -hwaccel cuda")]
    [InlineData("cuda", DecodeMode.Fast, " -hwaccel cuda")]
    public void How_it_decodes_is_told_to_the_decoder_alone(string? hwaccel, DecodeMode mode, string expected)
    {
        var options = new SourceOptions { Url = "rtsp://cam/1", Decode = mode };

        Assert.Equal(
            $"{Decoder}{expected} {NoDelay}", string.Join(' ', FfmpegArguments.BuildDecoder(options, Picture, V51, hwaccel).Before));
    }

    [Theory]
    [InlineData("http://cam/video.mjpg", "MJPG", 25, true)]
    [InlineData("http://cam/video.mjpg", "MJPG", 51_200, true)]
    [InlineData("http://cam/video.mjpg", "MJPG", 90_000, false)]
    [InlineData("http://cam/video.h264", "H264", 1_200_000, true)]
    [InlineData("http://cam/live.ts", "H264", 90_000, false)]
    [InlineData("http://cam/live.m3u8", "MJPG", 25, false)]
    [InlineData("rtsp://cam/1", "MJPG", 25, false)]
    public void Times_are_believed_but_for_those_that_are_a_count(string url, string codec, uint perSecond, bool expected) => Assert.Equal(
        expected,
        FrameTimes.AreInvented(
            new() { Url = url },
            new(codec[0] | ((uint)codec[1] << 8) | ((uint)codec[2] << 16) | ((uint)codec[3] << 24), new(64, 64), 0, default, (1, perSecond))));
}
