using ActionStream.Cli.Commands.Cameras;
using ActionStream.Core.Configuration;
using ActionStream.Host.Configuration;
using ActionStream.Ingest.Onvif;
using ActionStream.Ingest.Probing;

namespace ActionStream.Unit.Cli.Commands.Cameras;

/// <summary>What `discover` writes is read back as a configuration.</summary>
public sealed class CameraYamlTests
{
    [Fact]
    public void It_reads_as_typed_with_a_variable_for_the_password()
    {
        var (cameras, text) = Read(Camera("Front door", "rtsp://10.0.0.5:8554/sub"), new("ad min", CameraYaml.Variable), "p%2Fw");
        var camera = Assert.Single(cameras);
        Assert.Equal("front_door", camera.Key);
        Assert.Equal("rtsp://ad%20min:p%2Fw@10.0.0.5:8554/sub", camera.Value.Url);
        Assert.Equal(("Front door", "http://10.0.0.5/onvif/device_service"), (camera.Value.Name, camera.Value.Onvif));
        Assert.DoesNotContain("p%2Fw", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("${file:/etc/passwd}")]
    [InlineData("a\"\n  evil:\n    url: rtsp://thief/")]
    [InlineData("x: {y} # z")]
    [InlineData("- ' \\ \" %")]
    [InlineData("null")]
    [InlineData("名前")]
    public void A_camera_may_call_itself_what_it_likes(string name)
    {
        var camera = Assert.Single(Read(Camera(name, "rtsp://10.0.0.5/${file:/etc/passwd}#x"), new(null, null), null).Cameras);
        Assert.Equal((name, "rtsp://10.0.0.5/${file:/etc/passwd}#x"), (camera.Value.Name, camera.Value.Url));
    }

    [Fact]
    public void Cameras_of_one_name_get_keys_of_their_own() => Assert.Equal(
        ["cam", "cam_2", "camera"],
        Read([.. new[] { "cam", "cam", "!" }.SelectMany(name => Camera(name, "rtsp://10.0.0.5/1"))], new(null, null), null).Cameras.Keys);

    [Fact]
    public void A_secret_that_the_camera_puts_into_its_address_is_not_written()
    {
        var (cameras, text) = Read(Camera("cam", "rtsp://10.0.0.5/user=admin_password=hunter2x_channel=1"), new(null, null), null);
        Assert.DoesNotContain("hunter2x", text, StringComparison.Ordinal);
        Assert.Contains("put it back", text, StringComparison.Ordinal);
        Assert.Single(cameras);
    }

    [Theory]
    [InlineData("/run/secrets/cam", "plain-word", "${file:/run/secrets/cam}")]
    [InlineData("/run/secrets/cam", "with/slash", "${CAMERA_PASSWORD}")] // in an address it has to be encoded
    [InlineData("/run/}x", "plain-word", "${CAMERA_PASSWORD}")]
    [InlineData(null, "plain-word", "${CAMERA_PASSWORD}")]
    public void A_file_stands_for_the_password_where_its_text_can_stand_in_an_address(string? file, string password, string expected) =>
        Assert.Equal(expected, CameraYaml.Placeholder(file, password));

    private static ListedCamera[] Camera(string name, string url) =>
    [
        new(
            "http://10.0.0.5/onvif/device_service", null, name, "ACME", "CAM-1", true,
            [
                new(
                    new OnvifProfile("sub", "sub", "lens0", "h264", new(640, 360), 15, 512_000, url), new(0.01, CostBasis.Table), true,
                    null),
                new(
                    new OnvifProfile("main", "main", "lens0", "h264", new(1280, 720), 25, null, "rtsp://10.0.0.5/no"),
                    new(0.05, CostBasis.Table), false, null),
            ]),
    ];

    private static (IReadOnlyDictionary<string, CameraOptions> Cameras, string Text) Read(
        ListedCamera[] listed, (string? User, string? Password) login, string? password)
    {
        var text = new StringWriter { NewLine = "\n" };
        foreach (var line in ListingText.Lines(listed, new() { Width = 112, Height = 112, Interval = TimeSpan.FromMilliseconds(125) }))
        {
            text.WriteLine($"# {ActionStream.Ingest.Onvif.SoapMessage.Line(line)}");
        }

        text.Write(new CameraYaml(login.User, login.Password).Of(listed));
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, text.ToString());
            List<ConfigProblem> problems = [];
            var check = new ConfigCheck(path);
            var root = Variables.Fill(YamlFile.Read(path, problems)!, check, name => name == "CAMERA_PASSWORD" ? password : null);
            var options = SettingBinder.Bind<PipelineOptions>(root, check.With(root));
            Assert.Empty(problems.Concat(check.Problems));
            return (options.Cameras, text.ToString());
        }
        finally
        {
            File.Delete(path);
        }
    }
}
