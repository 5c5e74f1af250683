using System.Globalization;
using System.Text.Json;
using ActionStream.EndToEnd.Contracts.Ingest;
using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Scenarios;

/// <summary>`probe` on real files and a real RTSP server.</summary>
public sealed class ProbeTests
{
    [NeedsFact("ffmpeg", "ffprobe", "setpriv")]
    public async Task A_file_is_described_as_it_was_made()
    {
        var facts = await ProbeAsync(Videos.Mp4);
        Assert.Equal("h264", facts.GetProperty("codec").GetString());
        Assert.Equal((320, 180), (facts.GetProperty("width").GetInt32(), facts.GetProperty("height").GetInt32()));
        Assert.Equal(25, facts.GetProperty("fps").GetProperty("nominal").GetDouble());
        Assert.Equal(25, facts.GetProperty("fps").GetProperty("seen").GetDouble(), 0.01);
        Assert.Equal(1, facts.GetProperty("key_frame_interval_s").GetDouble(), 0.001);
        Assert.Equal(100, facts.GetProperty("frames").GetInt32());
        Assert.Equal(0, facts.GetProperty("suggestions").GetArrayLength());
        Assert.Equal(29.97, (await ProbeAsync(Videos.Ntsc)).GetProperty("fps").GetProperty("nominal").GetDouble());
    }

    [NeedsFact("ffmpeg", "ffprobe", "rtsp", "setpriv")]
    public async Task A_camera_is_watched_as_the_service_would_and_its_password_is_not_shown()
    {
        await using var camera = await RtspCamera.StartAsync(login: "admin:hunter2");
        var url = camera.Url.Replace("rtsp://", "rtsp://admin:hunter2@", StringComparison.Ordinal);
        var (code, output, all) = await Service.RunAsync(["probe", url, "--json", "--seconds", "5"]);
        Assert.True(code == 0, all);
        Assert.DoesNotContain("hunter2", all, StringComparison.Ordinal);

        var facts = JsonDocument.Parse(output).RootElement;
        Assert.Equal(("tcp", "h264"), (facts.GetProperty("transport").GetString(), facts.GetProperty("codec").GetString()));
        Assert.Equal(25, facts.GetProperty("fps").GetProperty("seen").GetDouble(), 1.0);
        Assert.Equal(1, facts.GetProperty("key_frame_interval_s").GetDouble(), 0.1);
        Assert.InRange(facts.GetProperty("time_to_first_frame_s").GetDouble(), 0.01, 10);
        Assert.InRange(facts.GetProperty("clock_skew_ms").GetDouble(), -500, 500); // one machine, one clock

        var (good, text, _) = await Service.RunAsync(["probe", url, "--seconds", "2"]);
        Assert.Equal(0, good);
        Assert.Contains("url: rtsp://***@127.0.0.1", text, StringComparison.Ordinal);
    }

    [NeedsFact("ffmpeg", "ffprobe", "rtsp", "setpriv")]
    public async Task What_goes_wrong_has_a_word_and_exit_code_1()
    {
        await using var camera = await RtspCamera.StartAsync(login: "admin:right");
        Assert.Equal("auth", await FaultAsync(camera.Url.Replace("rtsp://", "rtsp://admin:hunter2@", StringComparison.Ordinal)));
        Assert.Equal("not_found", await FaultAsync(camera.UrlOf(7).Replace("rtsp://", "rtsp://admin:right@", StringComparison.Ordinal)));
        Assert.Equal("refused", await FaultAsync(string.Create(CultureInfo.InvariantCulture, $"rtsp://127.0.0.1:{Ports.Free()}/cam0")));
        Assert.Equal("not_found", await FaultAsync("/nowhere/clip.mp4"));
        Assert.Equal("no_video", await FaultAsync(Videos.Sound));

        camera.Freeze();
        Assert.Equal("timeout", await FaultAsync(camera.Url, "--timeout", "2"));
    }

    [NeedsFact("setpriv")]
    public async Task A_wrong_word_is_exit_code_2()
    {
        Assert.Equal(2, (await Service.RunAsync(["probe", "ftp://admin:hunter2@camera/1"])).Code);
        Assert.Equal(2, (await Service.RunAsync(["probe", "rtsp://camera/1", "--seconds", "0"])).Code);
        Assert.Equal(2, (await Service.RunAsync(["probe"])).Code);
    }

    private static async Task<JsonElement> ProbeAsync(string url)
    {
        var (code, output, all) = await Service.RunAsync(["probe", url, "--json"]);
        Assert.True(code == 0, all);
        return JsonDocument.Parse(output).RootElement;
    }

    private static async Task<string?> FaultAsync(string url, params string[] more)
    {
        var (code, output, all) = await Service.RunAsync(["probe", url, "--json", .. more]);
        Assert.True(code == 1, $"{code}: {all}");
        Assert.DoesNotContain("hunter2", all, StringComparison.Ordinal);
        return JsonDocument.Parse(output).RootElement.GetProperty("fault").GetString();
    }
}
