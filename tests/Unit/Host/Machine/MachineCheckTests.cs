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

        Assert.Equal(none + 24, FileNeed.Of(With(8)).All);
        Assert.Equal(none, FileNeed.Of(With(8, enabled: false)).All);
        Assert.True(FileNeed.Of(With(0) with { Media = new MediaOptions { Path = "/media" } }).All > none);
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
    public void A_usual_limit_carries_a_hundred_and_fifty_cameras()
    {
        Assert.Null(MachineCheck.TooFewFiles(With(150), 1024));
        Assert.Null(MachineCheck.TooFewFiles(With(150), long.MaxValue));
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

    private static PipelineOptions With(int cameras, bool enabled = true) => new()
    {
        Cameras = Enumerable.Range(0, cameras).ToDictionary(i => $"cam{i}", _ => new CameraOptions { Enabled = enabled }),
    };
}
