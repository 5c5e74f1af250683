using ActionStream.Host.Cameras;
using ActionStream.Host.Configuration;
using ActionStream.Inference.Scheduling;
using ActionStream.Ingest.Sources;
using ActionStream.Publish.Events;
using ActionStream.Publish.Events.Zones;

namespace ActionStream.Unit.Host.Cameras;

public sealed class CameraChangesTests
{
    private static readonly CameraOptions Camera = new()
    {
        Url = "rtsp://camera/1",
        InputArguments = ["-an"],
        Zones = new Dictionary<string, ZoneOptions> { ["stairs"] = new() { Points = [[0, 0], [1, 0], [1, 1]] } },
        Events = new() { Classes = new Dictionary<string, ClassOptions> { ["fall"] = new() { Enter = 0.5 } } },
    };

    public static TheoryData<string, CameraOptions> Restarting => new()
    {
        { "url", Camera with { Url = "rtsp://camera/2" } },
        { "hop", Camera with { Hop = 2 } },
        { "crop", Camera with { Crop = new() { Y = 0.5, Height = 0.5 } } },
        { "decode", Camera with { Decode = DecodeMode.Fast } },
        { "quality", Camera with { Quality = new() { MinScore = 0.5 } } },
        { "input_arguments", Camera with { InputArguments = ["-an", "-sn"] } },
        { "sleep", Camera with { Sleep = SleepMode.Never } },
        { "both", Camera with { Hop = 2, Priority = Priority.High } },
    };

    public static TheoryData<string, CameraOptions> Retuning => new()
    {
        { "name", Camera with { Name = "Front door" } },
        { "priority", Camera with { Priority = Priority.High } },
        { "deadline", Camera with { Deadline = TimeSpan.FromSeconds(1) } },
        { "zones", Camera with
        {
            Zones = new Dictionary<string, ZoneOptions> { ["stairs"] = new() { Points = [[0, 0], [1, 0], [1, 0.9]] } },
        } },
        { "aspect", Camera with { Aspect = "4:3" } },
        { "gate", Camera with { Events = Camera.Events with { Zones = ["stairs"] } } },
        { "events", Camera with
        {
            Events = Camera.Events with { Classes = new Dictionary<string, ClassOptions> { ["fall"] = new() { Enter = 0.6 } } },
        } },
    };

    [Fact]
    public void Equal_settings_read_twice_change_nothing()
    {
        var again = Camera with
        {
            InputArguments = ["-an"],
            Zones = new Dictionary<string, ZoneOptions> { ["stairs"] = new() { Points = [[0, 0], [1, 0], [1, 1]] } },
            Events = Camera.Events with { Classes = new Dictionary<string, ClassOptions> { ["fall"] = new() { Enter = 0.5 } } },
        };
        Assert.True(CameraChanges.Between(One(Camera), One(again)).IsNone);
    }

    [Theory]
    [MemberData(nameof(Restarting))]
    public void What_pictures_or_windows_depend_on_opens_the_camera_anew(string what, CameraOptions changed)
    {
        var changes = CameraChanges.Between(One(Camera), One(changed));
        Assert.True(changes.Restarted.ContainsKey("front") && changes.Retuned.Count == 0, what);
        Assert.Equal("restarted front", changes.ToString());
    }

    [Theory]
    [MemberData(nameof(Retuning))]
    public void What_only_the_answers_depend_on_leaves_its_connection_alone(string what, CameraOptions changed)
    {
        var changes = CameraChanges.Between(One(Camera), One(changed));
        Assert.True(changes.Retuned.ContainsKey("front") && !changes.Stopping.Any(), what);
    }

    [Fact]
    public void A_zone_that_is_moved_touches_its_own_camera_and_no_other()
    {
        var yard = Camera with { Url = "rtsp://camera/2" };
        var before = new Dictionary<string, CameraOptions> { ["front"] = Camera, ["yard"] = yard };
        var moved =
            Camera with { Zones = new Dictionary<string, ZoneOptions> { ["stairs"] = new() { Points = [[0, 0], [1, 0], [1, 0.5]] } } };
        Assert.Equal(
            "retuned front", CameraChanges.Between(before, new Dictionary<string, CameraOptions>(before) { ["front"] = moved }).ToString());
    }

    [Fact]
    public void Cameras_come_and_go_and_one_switched_off_is_gone()
    {
        var before = new Dictionary<string, CameraOptions>
        {
            ["a"] = Camera,
            ["b"] = Camera,
            ["c"] = Camera with { Enabled = false },
            ["d"] = Camera,
        };
        var after = new Dictionary<string, CameraOptions>
        {
            ["a"] = Camera with { Enabled = false },
            ["c"] = Camera,
            ["d"] = Camera,
            ["e"] = Camera,
        };
        var changes = CameraChanges.Between(before, after);

        Assert.Equal(["a", "b"], changes.Removed.Order());
        Assert.Equal(["c", "e"], changes.Added.Keys.Order());
        Assert.Equal("added c, e; removed a, b", changes.ToString());
    }

    private static Dictionary<string, CameraOptions> One(CameraOptions camera) => new() { ["front"] = camera };
}
