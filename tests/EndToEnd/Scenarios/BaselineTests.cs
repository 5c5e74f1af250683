using System.Text.Json;
using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Scenarios;

/// <summary>The script that the engine is measured against: it must work, or beating it proves nothing.</summary>
public sealed class BaselineTests
{
    private static readonly string Clip = Path.Combine(Parts.Root, "configs", "demo", "clip.mp4");

    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "baseline");

    [NeedsFact("ffmpeg", "mosquitto", "mosquitto_sub")]
    public async Task Two_cameras_are_decided_four_times_a_second_and_every_decision_is_published()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var listener = await Listener.StartAsync(broker.Port, "baseline/#");

        var json = await RunAsync(broker, cameras: 2, oneCore: false);

        Assert.Equal(4, json.GetProperty("asked_per_s").GetDouble());
        Assert.InRange(json.GetProperty("decisions").GetInt32(), 6, 30); // 24 if nothing else runs here
        Assert.True(json.GetProperty("cpu_s").GetDouble() > 0);
        Assert.True(json.GetProperty("latency_ms").GetProperty("p50").GetDouble() > 0);
        Assert.Equal(2, json.GetProperty("cameras").GetArrayLength());
        var decisions = json.GetProperty("decisions").GetInt32();
        await listener.NextAsync(_ => listener.Messages.Count() >= decisions, TimeSpan.FromSeconds(5));
        var published = listener.Messages.ToArray();
        Assert.Equal(["baseline/cam0", "baseline/cam1"], published.Select(message => message.Topic).Distinct().Order());
        Assert.All(published, message => Assert.InRange(message.Json.GetProperty("score").GetDouble(), 0, 1));
    }

    [NeedsFact("ffmpeg", "mosquitto", "taskset")]
    public async Task Too_much_is_seen_as_fewer_decisions_and_windows_that_were_dropped()
    {
        await using var broker = await Mosquitto.StartAsync();

        // 200 decisions a second on one core: 87 billion multiplications, several times what any core does.
        var json = await RunAsync(broker, cameras: 8, oneCore: true, "--fps", "25", "--hop", "1");

        Assert.False(json.GetProperty("sustained").GetBoolean());
        Assert.True(
            json.GetProperty("decisions_per_s_per_camera").GetDouble() < 0.9 * json.GetProperty("asked_per_s").GetDouble(),
            json.ToString());
        Assert.True(json.GetProperty("dropped").GetInt32() > 60, json.ToString());
        Assert.All(json.GetProperty("cameras").EnumerateArray(), camera =>
            Assert.True(camera.GetProperty("decisions").GetInt32() > 0, json.ToString()));
    }

    [Fact]
    public async Task Wrong_usage_is_told()
    {
        await using var child = new Child(Program, ["--model", "x", "--speed", "9"]);

        Assert.Equal(2, await child.ExitAsync(TimeSpan.FromSeconds(30)));
        Assert.Contains("--speed", child.All, StringComparison.Ordinal);
    }

    private static async Task<JsonElement> RunAsync(Mosquitto broker, int cameras, bool oneCore, params string[] more)
    {
        string[] place = oneCore ? ["taskset", "--cpu-list", FirstCore()] : [];
        string[] words =
        [
            .. place, Program, "--model", TestModel.Folder, "--broker", $"127.0.0.1:{broker.Port}", "--source", Clip,
            "--cameras", $"{cameras}", "--seconds", "3", .. more,
        ];
        await using var child = new Child(words[0], words[1..]);
        var code = await child.ExitAsync(TimeSpan.FromMinutes(1));
        Assert.True(code == 0, child.All);
        return JsonDocument.Parse(child.Output).RootElement;
    }

    private static string FirstCore() => File.ReadLines("/proc/self/status")
        .First(line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal)).Split('\t')[1].Split(',', '-')[0];
}
