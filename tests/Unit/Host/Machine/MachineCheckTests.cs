using ActionStream.Core.Results;
using ActionStream.Host.Configuration;
using ActionStream.Host.Machine;
using ActionStream.Host.Web;
using ActionStream.Ingest.Sources;
using ActionStream.Publish.Snapshots;

namespace ActionStream.Unit.Host.Machine;

public sealed class MachineCheckTests
{
    [Fact]
    public void Each_camera_needs_files_and_one_that_is_switched_off_needs_none()
    {
        var none = FileNeed.Of(With(0)).All;

        Assert.Equal(none + 48, FileNeed.Of(With(8)).All);
        Assert.Equal(none, FileNeed.Of(With(8, enabled: false)).All);
        Assert.True(FileNeed.Of(With(0) with { Media = new MediaOptions { Path = "/media" } }).All > none);
    }

    [Theory]
    [InlineData("rtsp://10.0.0.5/live", 6)]
    [InlineData("http://10.0.0.5/live.mjpg", 9)]
    [InlineData("https://10.0.0.5/live.m3u8", 13)]
    [InlineData("/clips/a.mp4", 3)]
    public void A_camera_needs_as_many_as_its_way_here_takes(string url, int files) =>
        Assert.Equal(FileNeed.Of(With(0)).All + (8 * files), FileNeed.Of(With(8, url: url)).All);

    [Fact]
    public void A_camera_whose_motion_events_are_listened_to_needs_four_more()
    {
        var plain = With(1);
        var (key, camera) = Assert.Single(plain.Cameras);
        var listening = plain with
        {
            Cameras = new Dictionary<string, CameraOptions> { [key] = camera with { Onvif = "10.0.0.5" } },
        };
        Assert.Equal(FileNeed.Of(plain).All + 4, FileNeed.Of(listening).All);
    }

    [Fact]
    public void Every_connection_that_may_stand_open_is_counted_on_each_port()
    {
        Assert.Equal(ConnectionRoom.Most, FileNeed.Of(With(0)).Http);
        Assert.Equal(2 * ConnectionRoom.Most, FileNeed.Of(With(0) with { Http = new() { MetricsPort = 9465 } }).Http);
    }

    [Theory]
    [InlineData(64, 1)]
    [InlineData(256, 8)]
    [InlineData(400, 48)]
    public void A_limit_below_the_need_is_refused_with_both_numbers_and_a_way_out(long limit, int cameras)
    {
        var problem = MachineCheck.TooFewFiles(With(cameras), limit);

        Assert.NotNull(problem);
        Assert.Contains($"may open {limit} files, and {FileNeed.Of(With(cameras)).All} are needed", problem, StringComparison.Ordinal);
        Assert.Contains("LimitNOFILE=1024", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_usual_limit_carries_thirty_two_cameras_with_all_that_may_be_switched_on_and_sixty_four_without()
    {
        var all = With(32) with { Http = new() { MetricsPort = 9465 }, Media = new MediaOptions { Path = "/media" } };
        Assert.Null(MachineCheck.TooFewFiles(all, 1024));
        Assert.Null(MachineCheck.TooFewFiles(With(64), 1024));
        Assert.Null(MachineCheck.TooFewFiles(With(64), long.MaxValue));
        Assert.NotNull(MachineCheck.TooFewFiles(With(300), 1024));
    }

    [Fact]
    public void Cameras_that_wait_for_this_machine_make_it_unready_until_the_last_is_open_or_gone()
    {
        var health = new Health();
        var waiting = new WaitingCameras(health);
        health.Ready();

        waiting.OnStatus(Status("b", StreamState.Offline, SourceFault.HostLimit));
        waiting.OnStatus(Status("a", StreamState.Offline, SourceFault.HostLimit));
        waiting.OnStatus(Status("c", StreamState.Offline, SourceFault.Refused));

        Assert.False(health.IsReady);
        Assert.True(health.IsLive);
        Assert.EndsWith(": a, b", health.State, StringComparison.Ordinal);
        waiting.OnStatus(new StreamStatus("a", StreamState.Online, null, default, 8));
        Assert.False(health.IsReady);
        waiting.Forget("b");
        Assert.True(health.IsReady);
    }

    private static StreamStatus Status(string camera, StreamState state, SourceFault fault) => new(camera, state, fault.Label, default, 0);

    private static PipelineOptions With(int cameras, bool enabled = true, string url = "rtsp://10.0.0.5/live") => new()
    {
        Cameras = Enumerable.Range(0, cameras).ToDictionary(i => $"cam{i}", _ => new CameraOptions { Enabled = enabled, Url = url }),
    };
}
