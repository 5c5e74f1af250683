using ActionStream.Core.Configuration;
using ActionStream.Ingest.Sources;

namespace ActionStream.Unit.Ingest.Sources;

public sealed class SourceOptionsTests
{
    [Theory]
    [InlineData("rtsp://cam/1", SourceKind.Rtsp, "rtsp://cam/1")]
    [InlineData("RTSPS://cam/1", SourceKind.Rtsp, "RTSPS://cam/1")]
    [InlineData("https://cam/live.m3u8", SourceKind.Http, "https://cam/live.m3u8")]
    [InlineData("rtmp://cam/app/key", SourceKind.Rtmp, "rtmp://cam/app/key")]
    [InlineData("srt://cam:9000?mode=caller", SourceKind.Srt, "srt://cam:9000?mode=caller")]
    [InlineData("file:///clips/a.mp4", SourceKind.File, "file:/clips/a.mp4")]
    [InlineData("/clips/concat:a|b", SourceKind.File, "file:/clips/concat:a|b")]
    [InlineData("v4l2:///dev/video0", SourceKind.V4l2, "/dev/video0")]
    [InlineData("lavfi:testsrc2=size=640x360:rate=25", SourceKind.Lavfi, "testsrc2=size=640x360:rate=25")]
    public void Every_kind_of_address_is_known(string url, SourceKind kind, string input)
    {
        Assert.True(SourceAddress.TryParse(url, out var address));
        Assert.Equal((kind, input), (address.Kind, address.Input));
        Assert.Empty(Problems(new SourceOptions { Url = url }));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ftp://cam/1")]
    [InlineData("rtsp://")]
    public void Another_address_is_one_clear_problem(string url) =>
        Assert.Contains("expected rtsp://, rtsps://", Assert.Single(Problems(new SourceOptions { Url = url })), StringComparison.Ordinal);

    [Fact]
    public void All_problems_come_at_once_and_none_holds_the_password()
    {
        var problems = Problems(new SourceOptions
        {
            Url = "ftp://admin:hunter2@cam/1",
            StallTimeout = TimeSpan.Zero,
            ConnectTimeout = TimeSpan.FromHours(1),
            MaxGap = TimeSpan.FromHours(1),
            MaxPixels = 0,
            DecoderMemory = 1_000_000,
            Crop = new CropArea { X = 0.5, Width = 0.6 },
        });

        Assert.Equal(7, problems.Count);
        Assert.DoesNotContain(problems, problem => problem.Contains("hunter2", StringComparison.Ordinal));
        Assert.Single(Problems(new SourceOptions { Url = "rtsp://cam/1", Loop = true }));
    }

    [Fact]
    public void An_address_prints_without_its_password()
    {
        Assert.True(SourceAddress.TryParse("rtsp://admin:hunter2@cam/1", out var address));
        Assert.Equal("rtsp://***@cam/1", $"{address}");
    }

    [Fact]
    public void Every_setting_can_be_written_in_a_file()
    {
        SettingEntry Entry(string key, string text) => new(key, new SettingScalar(text, 1), 1);
        var check = new ConfigCheck("test.yaml");

        var options = SettingBinder.Bind<SourceOptions>(
            new SettingSection(
                [
                    Entry("url", "lavfi:testsrc2"), Entry("hwaccel", "none"), Entry("transport", "udp"), Entry("loop", "true"),
                    Entry("realtime", "false"), Entry("stall_timeout", "3s"), Entry("connect_timeout", "8s"), Entry("max_gap", "500ms"),
                    new("crop", new SettingSection([Entry("x", "0.25"), Entry("width", "0.5")], 1), 1),
                    new("input_arguments", new SettingList([new SettingScalar("-re", 1)], 1), 1),
                ],
                1),
            check);

        Assert.Empty(check.Problems);
        Assert.Equal((Hwaccel.None, RtspTransport.Udp, true, false), (options.Hwaccel, options.Transport, options.Loop, options.Realtime));
        Assert.Equal(
            (3.0, 8.0, 0.5), (options.StallTimeout.TotalSeconds, options.ConnectTimeout.TotalSeconds, options.MaxGap?.TotalSeconds));
        Assert.Equal((0.25, 0.5, 1.0), (options.Crop?.X, options.Crop?.Width, options.Crop?.Height));
        Assert.Equal(["-re"], options.InputArguments);
    }

    private static List<string> Problems(SourceOptions options)
    {
        var check = new ConfigCheck("test.yaml");
        options.Check(check);
        return [.. check.Problems.Select(problem => problem.ToString())];
    }
}
