using System.Net;
using System.Net.Sockets;
using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Scenarios;

/// <summary>Every mistake a newcomer makes: one clear message, exit code 2 (or 1 where the world is at
/// fault), no stack trace, no password.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bad-input").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_missing_configuration()
    {
        var (code, all) = await RunAsync(["run", "-c", "/nowhere/site.yaml"]);
        Expect(2, code, all, "/nowhere/site.yaml:1: does not exist; expected a YAML file");
    }

    [Fact]
    public async Task A_verb_and_an_option_that_do_not_exist()
    {
        var (code, all) = await RunAsync(["rnu"]);
        Expect(2, code, all, "run");
        (code, all) = await RunAsync(["demo", "--fro", "3s"]);
        Expect(2, code, all, "--fro");
        (code, all) = await RunAsync(["demo", "--for", "30"]);
        Expect(2, code, all, "--for is 30; expected a duration");
    }

    [Fact]
    public async Task A_configuration_with_many_mistakes_shows_them_all_and_starts_nothing()
    {
        var (code, all) = await RunConfigAsync(
            """
            nod: x
            http: {port: 70000}
            mqtt: {host: "", password: hunter2}
            cameras:
              a: {url: "rtsp://u:hunter2@", hop: 0}
            """);
        Expect(2, code, all, "nod is not a setting; did you mean node?");
        Assert.Contains("http.port is 70000", all, StringComparison.Ordinal);
        Assert.Contains("cameras.a.hop is 0", all, StringComparison.Ordinal);
        Assert.Contains("mqtt.username is missing", all, StringComparison.Ordinal);
    }

    [NeedsFact("ffmpeg")]
    public async Task More_cameras_than_the_machine_carries_where_that_is_to_be_refused()
    {
        var cameras = string.Join('\n', Enumerable.Range(0, 200).Select(i =>
            $"  cam{i}: {{url: \"lavfi:testsrc2=size=64x64:rate=25\", hop: 1, interval: 10ms}}"));
        var (code, all) = await RunConfigAsync(
            $$"""
            model: {path: "{{TestModel.Folder}}", admission: refuse}
            http: {port: 0}
            cameras:
            {{cameras}}
            """);
        Expect(2, code, all, "of the model's time on this machine");
        Assert.Contains("Use fewer cameras, a longer hop or a smaller model; or set admission: warn", all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_that_is_not_there()
    {
        var (code, all) = await RunConfigAsync(Config("/nowhere/model"));
        Expect(2, code, all, "models build");
    }

    [Fact]
    public async Task A_card_that_is_not_YAML()
    {
        var model = TestModel.Copy();
        await File.WriteAllTextAsync(Path.Combine(model, "card.yaml"), "name: [");
        var (code, all) = await RunConfigAsync(Config(model));
        Expect(2, code, all, "card.yaml");
    }

    [NeedsFact("ffmpeg")]
    public async Task A_model_file_that_is_cut_short()
    {
        var model = TestModel.Copy();
        var file = Path.Combine(model, "model.onnx");
        await using (var stream = File.OpenWrite(file))
        {
            stream.SetLength(100_000);
        }

        var (code, all) = await RunConfigAsync(Config(model));
        Expect(2, code, all, "model.onnx");
    }

    [NeedsFact("ffmpeg")]
    public async Task A_label_too_many()
    {
        var model = TestModel.Copy();
        var card = Path.Combine(model, "card.yaml");
        await File.WriteAllTextAsync(
            card, (await File.ReadAllTextAsync(card)).Replace("- lie\n", "- lie\n- dance\n", StringComparison.Ordinal));
        var (code, all) = await RunConfigAsync(Config(model));
        Expect(2, code, all, "17");
        (code, all) = await RunAsync(["check", "-c", Path.Combine(_folder, "site.yaml")]);
        Expect(2, code, all, "17");
    }

    [Fact]
    public async Task A_class_that_the_model_does_not_know()
    {
        var (code, all) = await RunConfigAsync(Config(TestModel.Folder) + "    events: {classes: {fal: {enter: 0.5}}}\n");
        Expect(2, code, all, "did you mean fall?");
    }

    [NeedsFact("ffmpeg")]
    public async Task A_device_that_is_not_there()
    {
        var (code, all) = await RunConfigAsync(Config(TestModel.Folder).Replace("device: cpu", "device: cuda", StringComparison.Ordinal));
        Expect(2, code, all, "device cuda was asked for and does not load");
    }

    [NeedsFact("ffmpeg")]
    public async Task A_port_that_is_taken()
    {
        using var holder = new TcpListener(IPAddress.Loopback, 0);
        holder.Start();
        var port = ((IPEndPoint)holder.LocalEndpoint).Port;
        var (code, all) = await RunConfigAsync(Config(TestModel.Folder).Replace("port: 0", $"port: {port}", StringComparison.Ordinal));
        Expect(1, code, all, $"cannot listen on 127.0.0.1:{port} (it is in use)");
    }

    [Fact]
    public async Task No_ffmpeg_is_one_error_of_every_verb_that_needs_it_before_anything_starts()
    {
        var clip = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "data", "fall")).FullName, "a.mp4");
        await File.WriteAllTextAsync(clip, "");
        var config = Path.Combine(_folder, "site.yaml");
        await File.WriteAllTextAsync(config, Config(TestModel.Folder));
        string[][] verbs =
        [
            ["run", "-c", config], ["check", "-c", config], ["check", "-c", config, "--json"], ["probe", "lavfi:testsrc2"],
            ["probe", "lavfi:testsrc2", "--json"], ["replay", clip, "--model", TestModel.Folder],
            ["evaluate", Path.Combine(_folder, "data"), "--model", TestModel.Folder],
        ];
        foreach (var verb in verbs)
        {
            var (code, _, all) = await Service.RunAsync(verb, TimeSpan.FromSeconds(20), ("PATH", "/nowhere"));
            Expect(2, code, all, "ffmpeg was not found on PATH (/nowhere); expected ffmpeg 4.4 or newer. Install it: apt install ffmpeg");
            Assert.DoesNotContain("Ready", all, StringComparison.Ordinal);
            Assert.DoesNotContain("no problems", all, StringComparison.Ordinal);
        }

        var (elsewhere, _, said) = await Service.RunAsync(
            ["check", "-c", config, "--elsewhere"], TimeSpan.FromSeconds(20), ("PATH", "/nowhere"));
        Expect(0, elsewhere, said, "no problems");
    }

    [NeedsFact("ffmpeg")]
    public async Task An_ffmpeg_that_is_too_old_is_one_error_and_one_without_a_number_is_a_note()
    {
        using var old = new FfmpegWrapper("", version: "3.4.8-0ubuntu0.2");
        using var git = new FfmpegWrapper("", version: "N-109468-gd39b34123d");
        var config = Path.Combine(_folder, "site.yaml");
        await File.WriteAllTextAsync(config, Config(TestModel.Folder));
        foreach (var verb in (string[])["run", "check"])
        {
            var (code, _, all) = await Service.RunAsync([verb, "-c", config], TimeSpan.FromSeconds(20), old.Path);
            Expect(2, code, all, $"{old.Folder}/ffmpeg is ffmpeg 3.4.8-0ubuntu0.2; expected ffmpeg 4.4 or newer");
        }

        var (good, _, noted) = await Service.RunAsync(["check", "-c", config], TimeSpan.FromSeconds(20), git.Path);
        Expect(0, good, noted, "note: ffmpeg at");
        Assert.Contains("N-109468-gd39b34123d, which is no release", noted, StringComparison.Ordinal);
    }

    [NeedsFact("ffmpeg")]
    public async Task A_camera_that_cannot_be_reached_does_not_stop_the_others_and_a_broker_that_is_down_stops_nobody()
    {
        var config = Config(TestModel.Folder)
            + $"  away: {{url: \"rtsp://admin:hunter2@127.0.0.1:{Ports.Free()}/x\"}}\n"
            + "  here: {url: \"lavfi:testsrc2=size=160x120:rate=25\"}\n";
        await using var service = await Service.StartAsync(config);
        await service.Child.LineAsync(
            line => line.Contains("Broker", StringComparison.Ordinal) && line.Contains("refused", StringComparison.OrdinalIgnoreCase),
            TimeSpan.FromSeconds(10));
        await service.Child.LineAsync(
            line => line.Contains("away", StringComparison.Ordinal) && line.Contains("refused", StringComparison.OrdinalIgnoreCase),
            TimeSpan.FromSeconds(15));

        Assert.StartsWith("ready", await service.GetAsync("/health/ready"), StringComparison.Ordinal);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        while (await service.MetricAsync("actionstream_decisions_total", "camera=\"here\"") < 3)
        {
            await poll.WaitForNextTickAsync(patience.Token);
        }

        Assert.Equal(0, await service.StopAsync());
        Assert.DoesNotContain("hunter2", service.Child.All, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", service.Child.All, StringComparison.Ordinal);
    }

    private static string Config(string model) =>
        $"""
        node: test
        model: {"{"}path: {model}, device: cpu{"}"}
        http: {"{"}port: 0{"}"}
        mqtt: {"{"}port: {Ports.Free()}{"}"}
        cameras:
          a:
            url: "lavfi:testsrc2=size=160x120:rate=25"

        """;

    private async Task<(int Code, string All)> RunConfigAsync(string yaml)
    {
        var path = Path.Combine(_folder, "site.yaml");
        await File.WriteAllTextAsync(path, yaml);
        return await RunAsync(["run", "-c", path]);
    }

    private static async Task<(int Code, string All)> RunAsync(string[] arguments)
    {
        var (code, _, all) = await Service.RunAsync(arguments, TimeSpan.FromSeconds(20));
        return (code, all);
    }

    private static void Expect(int expected, int code, string all, string message)
    {
        Assert.True(code == expected, $"exit code {code}, expected {expected}:\n{all}");
        Assert.Contains(message, all, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", all, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", all, StringComparison.Ordinal);
    }
}
