using ActionStream.Core.Configuration;
using ActionStream.Host.Configuration;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Host.Configuration;

public sealed class ConfigFileTests
{
    private static (PipelineOptions Options, string[] Problems) Bind(string yaml, params (string Name, string Value)[] environment)
    {
        List<ConfigProblem> syntax = [];
        var root = YamlFile.Parse(yaml, "site.yaml", syntax);
        Assert.Empty(syntax);
        var (options, problems) = ConfigFile.Bind(
            "site.yaml", root!, name => environment.FirstOrDefault(entry => entry.Name == name).Value);
        return (options, [.. problems.Select(problem => problem.ToString())]);
    }

    [Fact]
    public void Ten_mistakes_are_ten_messages_each_with_line_path_value_and_what_was_expected()
    {
        var (_, problems) = Bind(
            """
            node: My Node
            modell: {path: x}
            mqtt:
              port: 99999
              hots: broker
            http:
              port: abc
            cameras:
              Front Door:
                url: ftp://admin:hunter2@10.0.0.5/1
                hop: -1
              back:
                url: ${NOPE_URL}
                events:
                  enter: 0.2
                  leave: 0.9
              side:
                url: rtsp://cam/1
                stall_timeout: 5
                hwaccel: cudda
            """);

        Assert.Equal(
            [
                "site.yaml:1: node is My Node; expected a-z, 0-9, - and _, at most 64: it stands in topics",
                "site.yaml:2: modell is not a setting; did you mean model?",
                "site.yaml:4: mqtt.port is 99999; expected 1 to 65535",
                "site.yaml:5: mqtt.hots is not a setting; did you mean host?",
                "site.yaml:7: http.port is abc; expected a whole number",
                "site.yaml:9: cameras.Front Door is not a name for topics; expected a-z, 0-9, _ and -, such as front_door",
                "site.yaml:10: cameras.Front Door.url is ftp://***@10.0.0.5/1; expected rtsp://, rtsps://, http://, https://, rtmp://, "
                + "rtmps://, srt://, file://, a path, v4l2:///dev/video0 or lavfi:testsrc2=size=640x360:rate=25",
                "site.yaml:11: cameras.Front Door.hop is -1; expected 1 to the model's frames per clip",
                "site.yaml:13: cameras.back.url needs the environment variable NOPE_URL, which is not set; "
                + "set it, or write ${NOPE_URL:-default}",
                "site.yaml:16: cameras.back.events.leave is 0.9; expected 0 to 0.2 (enter)",
                "site.yaml:19: cameras.side.stall_timeout is 5; expected a duration with its unit, such as 500ms, 2s or 1m",
                "site.yaml:20: cameras.side.hwaccel is cudda; expected auto, none, cuda, vaapi, qsv; did you mean cuda?",
            ],
            problems);
    }

    [Fact]
    public void Cameras_share_settings_by_anchors_and_a_mistake_in_them_is_told_once_in_its_own_line()
    {
        var (options, problems) = Bind(
            """
            x-indoors: &indoors
              hop: 4
              events: {enter: 0.7}
              hopp: 3
            cameras:
              a: {<<: *indoors, url: "rtsp://cam/a"}
              b:
                <<: *indoors
                url: "rtsp://cam/b"
                hop: 2
            """);

        Assert.Equal((4, 0.7), (options.Cameras["a"].Hop, options.Cameras["a"].Events.Enter));
        Assert.Equal((2, 0.7), (options.Cameras["b"].Hop, options.Cameras["b"].Events.Enter));
        Assert.Equal("site.yaml:4: cameras.a.hopp is not a setting; did you mean hop?", Assert.Single(problems));
    }

    [Fact]
    public void A_second_document_and_mistakes_in_the_first_are_told_at_once()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "node: My Node\ncameras: {a: {url: 'rtsp://x/1', hop: -1}}\n---\nmqtt: {host: x}\n");
            var (_, problems) = ConfigFile.TryLoad(path);
            Assert.Equal([1, 2, 3], problems.Select(problem => problem.Line));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Cameras_take_over_the_defaults_and_say_what_differs()
    {
        var (options, problems) = Bind(
            """
            defaults:
              hop: 4
              events: {enter: 0.7, min_duration: 1s}
            cameras:
              a: {url: "rtsp://cam/a"}
              b: {url: "rtsp://cam/b", hop: 2, events: {enter: 0.9}}
            """);

        Assert.Empty(problems);
        Assert.Equal((4, 0.7), (options.Cameras["a"].Hop, options.Cameras["a"].Events.Enter));
        Assert.Equal((2, 0.9), (options.Cameras["b"].Hop, options.Cameras["b"].Events.Enter));
        Assert.Equal(TimeSpan.FromSeconds(1), options.Cameras["b"].Events.MinDuration);
    }

    [Fact]
    public void A_setting_under_its_former_name_is_told_the_new_one_and_all_at_once()
    {
        var (_, problems) = Bind(
            """
            pictures:
              path: /srv/events
              clips: {enabled: true, ring: /dev/shm/ring, ring_bytes: 5000000}
            cameras:
              a: {url: "rtsp://cam/a"}
            """);
        Assert.Equal(
            [
                "site.yaml:1: pictures has another name now; write media",
                "site.yaml:3: pictures.clips has another name now; write recordings",
                "site.yaml:3: pictures.clips.ring has another name now; write buffer",
                "site.yaml:3: pictures.clips.ring_bytes has another name now; write buffer_bytes",
            ],
            problems);
    }

    [Fact]
    public void A_mistake_in_the_defaults_is_reported_once()
    {
        var (_, problems) = Bind(
            """
            defaults:
              hop: 0
            cameras:
              a: {url: "rtsp://cam/a"}
              b: {url: "rtsp://cam/b"}
            """);
        Assert.Contains("site.yaml:2:", Assert.Single(problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Passwords_come_from_the_environment_and_never_print()
    {
        var (options, problems) = Bind(
            "mqtt: {username: u, password: '${PW}'}\ncameras: {a: {url: '${URL}'}}",
            ("PW", "hunter2"), ("URL", "rtsp://admin:hunter2@cam/1"));

        Assert.Empty(problems);
        Assert.Equal("hunter2", options.Mqtt.Password.Reveal());
        Assert.DoesNotContain("hunter2", $"{options.Mqtt}", StringComparison.Ordinal);
    }

    public static TheoryData<string> Files =>
        [.. Directory.EnumerateFiles(Repository.At("configs"), "*.yaml").Select(path => Path.GetFileName(path))];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_configuration_in_the_repository_is_right(string file)
    {
        var (_, problems) = ConfigFile.TryLoad(
            Repository.At("configs", file), name => name is "CAMERA_URL" ? "rtsp://cam/1" : name is "CAMERA_LOGIN" ? "u:p" : null);
        Assert.Empty(problems);
    }
}
