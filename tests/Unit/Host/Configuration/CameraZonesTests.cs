using ActionStream.Core.Configuration;
using ActionStream.Core.Media;
using ActionStream.Core.Modelling;
using ActionStream.Host.Configuration;

namespace ActionStream.Unit.Host.Configuration;

/// <summary>What `check` says of zones, by itself and against the model.</summary>
public sealed class CameraZonesTests
{
    private static readonly ModelCard Looking = new()
    {
        Name = "looking",
        Labels = ["walk", "fall"],
        Input = new() { Frames = 16, Height = 112, Width = 112, Interval = TimeSpan.FromMilliseconds(125), Fit = Fit.Stretch },
        Streaming = new() { Attention = new() { Height = 7, Width = 7 } },
    };

    [Fact]
    public void Every_mistake_in_a_zone_has_its_line()
    {
        var problems = Check(
            """
            cameras:
              front:
                url: rtsp://cam/1
                aspect: wide
                zones:
                  Top Step: {points: [[0, 0], [1, 0], [1, 1]]}
                  stairs:
                    points: [[0, 0], [1, 0]]
                    min_share: 2
                  door:
                    points:
                      - [0, 0]
                      - [1.5, 0]
                      - [1, 1, 1]
                  bow: {points: [[0, 0], [1, 1], [1, 0], [0, 1]]}
                  line: {points: [[0, 0], [1, 1], [0.5, 0.5]]}
                  typo: {point: [], points: [[0, 0], [1, 0], [1, 1]]}
            """,
            Looking);
        Assert.Equal(
            [
                "site.yaml:4: cameras.front.aspect is wide; expected width:height, such as 16:9",
                "site.yaml:6: cameras.front.zones.Top Step is not a name for a zone; expected a-z, 0-9, _ and -, such as stairs",
                "site.yaml:8: cameras.front.zones.stairs.points has 2 corners; expected 3 or more, each [x, y] from 0 to 1",
                "site.yaml:9: cameras.front.zones.stairs.min_share is 2; expected above 0, up to 1, or nothing",
                "site.yaml:13: cameras.front.zones.door.points.1 is [1.5, 0]; expected [x, y], each 0 to 1, a share of the whole frame",
                "site.yaml:14: cameras.front.zones.door.points.2 is [1, 1, 1]; expected [x, y], each 0 to 1, a share of the whole frame",
                "site.yaml:15: cameras.front.zones.bow.points enclose nothing, or cross; expected corners one "
                + "after the other round the zone",
                "site.yaml:16: cameras.front.zones.line.points enclose nothing, or cross; expected corners one "
                + "after the other round the zone",
                "site.yaml:17: cameras.front.zones.typo.point is not a setting; did you mean points?",
            ],
            problems);
    }

    [Fact]
    public void A_gate_names_zones_that_the_camera_has()
    {
        var problems = Check(
            """
            cameras:
              front:
                url: rtsp://cam/1
                zones: {stairs: {points: [[0, 0], [1, 0], [1, 1]]}, door: {points: [[0, 0], [1, 0], [1, 1]]}}
                events:
                  zones: [stair]
                  classes: {fall: {zones: [stairs, attic]}}
              back:
                url: rtsp://cam/2
                events: {zones: [stairs]}
            """,
            Looking);
        Assert.Equal(
            [
                "site.yaml:6: cameras.front.events.zones.0 is stair, which is no zone of this camera; did you mean stairs?",
                "site.yaml:7: cameras.front.events.classes.fall.zones.1 is attic, which is no zone of this camera; it has stairs, door",
                "site.yaml:10: cameras.back.events.zones.0 is stairs, which is no zone of this camera; it has none; "
                + "name some under its zones",
            ],
            problems);
    }

    [Fact]
    public void A_model_that_does_not_say_where_it_looks_has_no_zones_and_the_message_says_what_to_do_instead()
    {
        const string Yaml =
            """
            cameras:
              front:
                url: rtsp://cam/1
                zones: {stairs: {points: [[0, 0], [1, 0], [1, 1]]}}
            """;
        var problem = Assert.Single(Check(Yaml, Looking with { Name = "uniformer-s16", Streaming = null }));
        Assert.Equal(
            "site.yaml:4: cameras.front.zones need a model that says where it looks, and uniformer-s16 does not (a TokenLearner model in "
            + "two parts does: models build --split); "
            + "give each zone a camera of its own with the same url and a crop instead, see Zones in docs/operating.md",
            problem);
        Assert.Single(Check(Yaml, Looking with { Streaming = new() }));
        Assert.Empty(Check(Yaml, Looking));
    }

    [Fact]
    public void A_zone_that_the_model_never_sees_is_a_mistake()
    {
        const string Yaml =
            """
            cameras:
              front:
                url: rtsp://cam/1
                aspect: "2:1"
                zones:
                  edge: {points: [[0, 0], [0.2, 0], [0.2, 1], [0, 1]]}
                  middle: {points: [[0.2, 0], [0.3, 0], [0.3, 1], [0.2, 1]]}
            """;
        Assert.Empty(Check(Yaml, Looking));
        Assert.Contains(
            "site.yaml:6: cameras.front.zones.edge lies outside of what the model sees",
            Assert.Single(Check(Yaml, Looking with { Input = Looking.Input with { Fit = Fit.Crop } })), StringComparison.Ordinal);
        Assert.Contains("zones.edge", Assert.Single(Check(Yaml + "\n    crop: {x: 0.25, width: 0.5}", Looking)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_zone_is_looked_up_through_the_cameras_crop()
    {
        var camera = new CameraOptions
        {
            Url = "rtsp://cam/1",
            Crop = new() { X = 0.5, Width = 0.5 },
            Zones = new Dictionary<string, ActionStream.Publish.Events.Zones.ZoneOptions>
            {
                ["right"] = new() { Points = [[0.75, 0], [1, 0], [1, 1], [0.75, 1]] },
            },
        };
        Assert.Equal(0.5, Assert.Single(CameraZones.Of(camera, Looking)).Area, 9);
        Assert.Equal(0.25, Assert.Single(CameraZones.Of(camera with { Crop = null }, Looking)).Area, 9);
    }

    [Fact]
    public void Zones_and_gates_are_taken_over_from_the_defaults()
    {
        var options = Bind(
            """
            defaults:
              zones: {stairs: {points: [[0, 0], [1, 0], [1, 1]]}}
              events: {zones: [stairs], classes: {walk: {zones: []}}}
            cameras:
              front: {url: "rtsp://cam/1"}
              back:
                url: rtsp://cam/2
                zones: {stairs: {min_share: 0.5}, door: {points: [[0, 0], [1, 0], [1, 1]]}}
                events: {classes: {fall: {zones: [door]}}}
            """).Options;
        var (front, back) = (options.Cameras["front"], options.Cameras["back"]);
        Assert.Equal((3, null), (front.Zones["stairs"].Points.Count, front.Zones["stairs"].MinShare));
        Assert.Equal((3, 0.5), (back.Zones["stairs"].Points.Count, back.Zones["stairs"].MinShare));
        Assert.Equal(["stairs"], front.Events.RulesFor("fall", new())!.Zones);
        Assert.Equal(["door"], back.Events.RulesFor("fall", new())!.Zones);
        Assert.Empty(back.Events.RulesFor("walk", new())!.Zones);
        Assert.Equal(["stairs"], back.Events.RulesFor("run", new())!.Zones);
    }

    private static string[] Check(string yaml, ModelCard card)
    {
        var (options, problems, root) = Bind(yaml);
        var check = new ConfigCheck("site.yaml", ConfigFile.WithDefaults(root));
        foreach (var (key, camera) in options.Cameras)
        {
            camera.CheckAgainst(card, check.At("cameras").AtKey(key));
        }

        return [.. problems.Concat(check.Problems).Select(problem => problem.ToString())];
    }

    private static (PipelineOptions Options, IReadOnlyList<ConfigProblem> Problems, SettingNode Root) Bind(string yaml)
    {
        List<ConfigProblem> syntax = [];
        var root = YamlFile.Parse(yaml, "site.yaml", syntax)!;
        Assert.Empty(syntax);
        var (options, problems) = ConfigFile.Bind("site.yaml", root, _ => null);
        return (options, problems, root);
    }
}
