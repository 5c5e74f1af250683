using System.Globalization;
using System.Text.Json;
using ActionStream.EndToEnd.Support;
using ActionStream.Support;

namespace ActionStream.EndToEnd.Scenarios;

/// <summary>`discover`, `probe --onvif` and motion events, on a camera that speaks the standard's SOAP and serves two real RTSP
/// streams. Nothing but loopback is asked.</summary>
public sealed class DiscoverTests : IDisposable
{
    private const string User = "admin";
    private const string Password = "hunter2-secret";

    private readonly string _folder = Directory.CreateTempSubdirectory("actionstream-discover").FullName;

    [NeedsFact("ffmpeg", "rtsp", "setpriv")]
    public async Task The_sub_stream_is_chosen_and_its_configuration_runs_through_check()
    {
        await using var rtsp = await RtspAsync();
        using var camera = Camera(rtsp);
        var (path, file) = (At("site.yaml"), At("password"));
        await File.WriteAllTextAsync(file, Password);
        var (code, output, all) = await Service.RunAsync(
            ["discover", camera.Address, "--user", User, "--password-file", file, "--out", path, "--json"]);
        Assert.True(code == 0, all);
        Assert.DoesNotContain(Password, all + await File.ReadAllTextAsync(path), StringComparison.Ordinal);

        var found = Assert.Single(JsonDocument.Parse(output).RootElement.GetProperty("cameras").EnumerateArray());
        var streams = found.GetProperty("streams").EnumerateArray().ToDictionary(stream => stream.GetProperty("token").GetString()!);
        Assert.Equal(("ACME", "CAM-1"), (found.GetProperty("maker").GetString(), found.GetProperty("model").GetString()));
        Assert.True(streams["sub"].GetProperty("suits").GetBoolean(), output);
        Assert.False(streams["main"].GetProperty("suits").GetBoolean(), output);
        Assert.Equal(rtsp.UrlOf(1), streams["sub"].GetProperty("url").GetString());
        Assert.True(Cost(streams["main"]) > 2 * Cost(streams["sub"]), output);

        var yaml = await File.ReadAllTextAsync(path);
        Assert.Contains($"admin:${{file:{file}}}@127.0.0.1", yaml, StringComparison.Ordinal);
        await CheckAsync(yaml);
        Assert.Empty(camera.Complaints);
    }

    [NeedsFact("ffmpeg", "rtsp", "setpriv")]
    public async Task Measuring_decodes_each_stream_and_the_sub_stream_costs_less()
    {
        await using var rtsp = await RtspAsync();
        using var camera = Camera(rtsp);
        var (code, output, all) = await Service.RunAsync(["discover", Login(camera.Address), "--measure", "--json"]);
        Assert.True(code == 0, all);
        Assert.DoesNotContain(Password, all, StringComparison.Ordinal);
        var streams = JsonDocument.Parse(output).RootElement.GetProperty("cameras")[0].GetProperty("streams").EnumerateArray().ToArray();
        Assert.All(streams, stream => Assert.Equal("measured", stream.GetProperty("cost").GetProperty("basis").GetString()));
        Assert.True(Cost(streams[0]) > 1.3 * Cost(streams[1]), output);
    }

    [NeedsFact("setpriv")]
    public async Task Whoever_answers_the_call_to_all_is_listed_once_and_what_is_printed_is_a_configuration()
    {
        if (!OnvifBeacon.IsPossible())
        {
            return; // no multicast on this machine's loopback
        }

        using var camera = new OnvifCamera(Streams("rtsp://127.0.0.1:8554/")) { Kind = OnvifLoginKind.HttpDigest };
        using var beacon = new OnvifBeacon(
            "urn:uuid:42", $"http://10.9.9.9/onvif/device_service {camera.Address}", "onvif://www.onvif.org/name/Back%20Yard");
        var file = At("password");
        await File.WriteAllTextAsync(file, "hunter2-secret\n");
        var (code, output, all) = await Service.RunAsync(
            ["discover", "--interface", "lo", "--for", "2s", "--user", User, "--password-file", file]);
        Assert.True(code == 0, all);
        Assert.Contains("Back Yard (ACME CAM-1)", output, StringComparison.Ordinal);
        Assert.Equal(1, output.Split("back_yard:").Length - 1);
        Assert.True(beacon.Heard > 1, "the call is repeated, and the answers are one");

        await CheckAsync(output);
    }

    [NeedsFact("setpriv")]
    public async Task A_wrong_login_and_a_silent_network_are_exit_code_1_and_wrong_words_are_2()
    {
        using var camera = new OnvifCamera(Streams("rtsp://127.0.0.1:8554/"));
        var wrong = camera.Address.Replace("http://", "http://admin:hunter3-wrong@", StringComparison.Ordinal);
        var (code, output, all) = await Service.RunAsync(["discover", wrong, "--json"]);
        Assert.True(code == 1, all);
        Assert.DoesNotContain("hunter3", all, StringComparison.Ordinal);
        Assert.Equal("auth", JsonDocument.Parse(output).RootElement.GetProperty("cameras")[0].GetProperty("fault").GetString());

        var (inWords, nothing, said) = await Service.RunAsync(["discover", wrong]);
        Assert.Equal((1, ""), (inWords, nothing));
        Assert.Contains("auth: ", said, StringComparison.Ordinal);
        Assert.Equal(1, (await Service.RunAsync(["discover", "--interface", "lo", "--for", "500ms"])).Code);
        var closed = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Ports.Free()}");
        Assert.Equal(1, (await Service.RunAsync(["discover", closed])).Code);

        Assert.Equal(2, (await Service.RunAsync(["discover", "rtsp://admin:hunter3@127.0.0.1/"])).Code);
        Assert.Equal(2, (await Service.RunAsync(["discover", "--for", "3"])).Code);
        Assert.Equal(2, (await Service.RunAsync(["discover", "--interface", "nowhere9"])).Code);
        Assert.Equal(2, (await Service.RunAsync(["discover", "127.0.0.1", "--user", "admin"])).Code);
        Assert.Equal(2, (await Service.RunAsync(["discover", "127.0.0.1", "--user", "a", "--password-file", At("none")])).Code);
    }

    [NeedsFact("ffmpeg", "ffprobe", "rtsp", "setpriv")]
    public async Task Probe_tells_what_the_sub_stream_would_save_where_it_is_asked_to()
    {
        await using var rtsp = await RtspAsync();
        using var camera = Camera(rtsp);
        var (code, output, all) = await Service.RunAsync(
            ["probe", Login(rtsp.UrlOf(0)), "--seconds", "2", "--json", "--onvif-address", camera.Address]);
        Assert.True(code == 0, all);
        Assert.DoesNotContain(Password, all, StringComparison.Ordinal);
        var answer = JsonDocument.Parse(output).RootElement;
        Assert.Equal(2, answer.GetProperty("onvif").GetProperty("streams").GetArrayLength());
        var advice = answer.GetProperty("suggestions").EnumerateArray().Select(one => one.GetProperty("reason").GetString()!).ToArray();
        Assert.Contains(advice, reason => reason.Contains("its sub-stream sub", StringComparison.Ordinal)
            && reason.Contains("times less", StringComparison.Ordinal) && reason.Contains(rtsp.UrlOf(1), StringComparison.Ordinal));
        Assert.DoesNotContain(advice, reason => reason.StartsWith("use its sub-stream", StringComparison.Ordinal));

        // A camera without ONVIF is probed all the same.
        camera.Dispose();
        var (second, text, _) = await Service.RunAsync(
            ["probe", Login(rtsp.UrlOf(1)), "--seconds", "1", "--onvif-address", camera.Address]);
        Assert.Equal(0, second);
        Assert.Contains("refused: ", text, StringComparison.Ordinal);
    }

    [NeedsFact("ffmpeg", "rtsp", "setpriv")]
    public async Task The_service_listens_to_a_cameras_own_motion_and_takes_leave()
    {
        await using var rtsp = await RtspAsync();
        using var camera = Camera(rtsp);
        using var other = new OnvifCamera { Password = "another-one" };
        await using var service = await Service.StartAsync($"""
            model:
              path: {TestModel.Folder}
              device: cpu
            mqtt:
              port: {Ports.Free().ToString(CultureInfo.InvariantCulture)}
            http:
              port: 0
            cameras:
              yard:
                url: {Login(rtsp.UrlOf(1))}
                onvif: {camera.Address}
              door:
                url: {Login(rtsp.UrlOf(1))}
                onvif: {other.Address}
            """);
        await UntilAsync(() => camera.Subscribers == 1);
        var line = await service.Child.LineAsync(line => line.Contains("door: no motion events", StringComparison.Ordinal), Patience);
        Assert.Contains("(auth)", line, StringComparison.Ordinal);
        await service.UntilAsync("/metrics", (_, page) => Service.Metric(page, "actionstream_pipeline_latency_seconds_count", "door") > 2);
        Assert.Equal(0, await service.StopAsync());
        Assert.Equal(0, camera.Subscribers);
        Assert.DoesNotContain(Password, service.Child.All, StringComparison.Ordinal);
        Assert.Empty(camera.Complaints);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    internal static async Task<RtspCamera> RtspAsync() => await RtspCamera.StartAsync(
        [await RtspCamera.ClipAsync("1280x720", 25), await RtspCamera.ClipAsync("640x360", 25)], $"{User}:{Password}");

    private static OnvifCamera Camera(RtspCamera rtsp) =>
        new(Streams(rtsp.UrlOf(0)[..^"cam0".Length])) { User = User, Password = Password, ClockOffset = TimeSpan.FromHours(-3) };

    private static OfferedStream[] Streams(string rtsp) =>
        [new("main", 1280, 720, 25, 3000, $"{rtsp}cam0"), new("sub", 640, 360, 25, 600, $"{rtsp}cam1")];

    internal static string Login(string address) => address.Replace("://", $"://{User}:{Password}@", StringComparison.Ordinal);

    private static double Cost(JsonElement stream) => stream.GetProperty("cost").GetProperty("share_of_core").GetDouble();

    private async Task CheckAsync(string cameras)
    {
        var path = At("checked.yaml");
        await File.WriteAllTextAsync(path, $"model:\n  path: {TestModel.Folder}\n{cameras}");
        var (code, _, said) = await Service.RunAsync(["check", "--elsewhere", "-c", path]);
        Assert.True(code == 0, $"{said}\n{cameras}");
    }

    private string At(string name) => Path.Combine(_folder, name);

    private static async Task UntilAsync(Func<bool> isSo)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!isSo())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, limit.Token);
        }
    }
}
