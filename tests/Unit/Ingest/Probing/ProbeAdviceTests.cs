using ActionStream.Core.Media;
using ActionStream.Ingest.Probing;
using ActionStream.Ingest.Sources;

namespace ActionStream.Unit.Ingest.Probing;

public sealed class ProbeAdviceTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(125);

    [Fact]
    public void A_sensible_sub_stream_needs_no_advice() => Assert.Empty(Advice(640, 360, 10, keyEvery: 10));

    [Fact]
    public void A_main_stream_is_advised_against_and_hardware_that_works_is_named()
    {
        var advice = ProbeAdvice.For(Report(1920, 1080, 25, keyEvery: 25) with { Hwaccel = "cuda" }, Interval);
        Assert.Contains(
            advice, one => one.Reason.StartsWith("use its sub-stream: 1920x1080 at 25 fps costs about 23 times", StringComparison.Ordinal));
        Assert.Equal("cuda", Assert.Single(advice, one => one.Setting == "hwaccel").Value);
    }

    [Fact]
    public void Too_few_pictures_for_the_model_are_told() =>
        Assert.StartsWith(
            "raise its frame rate to 8 or more: it sends 5 a second", Assert.Single(Advice(640, 360, 5, keyEvery: 5)).Reason,
            StringComparison.Ordinal);

    [Fact]
    public void Rare_key_frames_lengthen_what_waits_for_them()
    {
        var advice = Advice(640, 360, 10, keyEvery: 60).Where(one => one.Setting is not null)
            .ToDictionary(one => one.Setting!, one => one.Value);
        Assert.Equal(new() { ["quality.damaged_for"] = "6s", ["quality.frozen_after"] = "12s", ["connect_timeout"] = "12s" }, advice);
    }

    [Fact]
    public void A_camera_that_sent_no_second_key_frame_is_not_given_a_number_that_was_not_seen() =>
        Assert.DoesNotContain(Advice(640, 360, 10, keyEvery: 10_000), one => one.Setting == "quality.damaged_for");

    [Fact]
    public void Another_transport_than_the_usual_one_is_a_setting() =>
        Assert.Equal(
            "udp", Assert.Single(ProbeAdvice.For(Report(640, 360, 10, 10) with { Transport = RtspTransport.Udp }, Interval)).Value);

    [Fact]
    public void A_recording_has_no_network_to_advise_on() =>
        Assert.Empty(ProbeAdvice.For(Report(640, 360, 10, keyEvery: 100) with { IsLive = false, Transport = null }, Interval));

    [Fact]
    public void A_camera_that_sent_no_key_frame_at_all_is_told_to_send_some() => Assert.Contains(
        Advice(640, 360, 10, keyEvery: -1),
        one => one.Reason.StartsWith("set its key frame distance", StringComparison.Ordinal));

    [Theory]
    [InlineData(1.1, "its clock runs 9 % slow")]
    [InlineData(0.9, "its clock runs 11 % fast")]
    public void A_clock_that_runs_away_is_told(double pace, string expected)
    {
        var advice = ProbeAdvice.For(Report(640, 360, 10, keyEvery: 10, pace), Interval);
        Assert.Contains(advice, one => one.Reason.StartsWith(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void A_format_without_times_is_told_and_its_rate_is_that_of_arrival()
    {
        var report = Report(640, 360, 12, keyEvery: 1, units: "1/25") with { Transport = null };
        Assert.Equal(12, report.Packets.Fps!.Value, 0.1);
        Assert.StartsWith("its format carries no times", Assert.Single(ProbeAdvice.For(report, Interval)).Reason, StringComparison.Ordinal);
    }

    private static IReadOnlyList<Suggestion> Advice(int width, int height, int fps, int keyEvery) =>
        ProbeAdvice.For(Report(width, height, fps, keyEvery), Interval);

    // Ten seconds and a bit.
    [Theory]
    [InlineData("untrusted", "VBR")]
    [InlineData("unreadable", "H.264")]
    public void What_keeps_a_camera_from_sleeping_is_advised_on(string reason, string expected)
    {
        var report = Report(640, 360, 10, keyEvery: 10);
        Assert.Empty(ProbeAdvice.For(report with { Sleep = new(0, new Dictionary<string, int>(), ["motion"]) }, Interval));
        var advice = Assert.Single(ProbeAdvice.For(report with { Sleep = new(0, new Dictionary<string, int>(), [reason]) }, Interval));
        Assert.Contains(expected, advice.Reason, StringComparison.Ordinal);
    }

    private static ProbeReport Report(int width, int height, int fps, int keyEvery, double pace = 1, string units = "1/1000")
    {
        var log = new PacketLog { MayLackTimes = true };
        log.Add($"#tb 0: {units}", TimeSpan.Zero);
        for (var i = 0; i <= 13 * fps; i++)
        {
            log.Add(
                $"0, {i * 1000 / fps}, {i * 1000 / fps}, 1, 1000, 0x0{(keyEvery > 0 && i % keyEvery == 0 ? "" : ", F=0x0")}",
                TimeSpan.FromMilliseconds(i * pace * 1000.0 / fps));
        }

        return new(
            "rtsp://camera/1", true, RtspTransport.Tcp, new("h264", "High", "yuv420p", new FrameSize(width, height), fps), log,
            TimeSpan.FromSeconds(1), null);
    }
}
