using System.Globalization;
using ActionStream.EndToEnd.Support;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Scenarios;

/// <summary>A running service takes on what changes in its file, and the cameras that are not touched do not notice.</summary>
public sealed class ReloadTests(ITestOutputHelper output)
{
    private const double Hop = 4 * 0.125;
    private const string Source = "lavfi:testsrc2=size=160x120:rate=16";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [NeedsFact("ffmpeg", "mosquitto", "mosquitto_sub", "setpriv")]
    public async Task Adding_changing_and_removing_one_of_eight_cameras_interrupts_no_other()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var listener = await Listener.StartAsync(broker.Port);
        var cameras = Enumerable.Range(1, 8).ToDictionary(i => $"cam{i}", _ => $"{{url: \"{Source}\"}}");
        await using var service = await Service.StartAsync(Config(broker, cameras));
        foreach (var camera in cameras.Keys)
        {
            await ScoresAsync(listener, camera, 4);
        }

        // One more, at SIGHUP; the file's change alone would be noticed too.
        cameras["late"] = $"{{url: \"{Source}\"}}";
        await ReloadAsync(service, Config(broker, cameras), "added late");
        await ScoresAsync(listener, "late", 3);

        // Another hop: opened anew, decides twice as often.
        cameras["cam1"] = $"{{url: \"{Source}\", hop: 2}}";
        await ReloadAsync(service, Config(broker, cameras), "restarted cam1");
        var soFar = Ends(listener, "cam1").Length;
        await ScoresAsync(listener, "cam1", soFar + 12); // its count goes on
        var changed = Ends(listener, "cam1")[(soFar + 2)..];
        Assert.Equal(Hop / 2, changed.Zip(changed.Skip(1), (a, b) => b - a).Min(), 0.03);

        // Only thresholds: its pictures go on.
        cameras["cam2"] = $"{{url: \"{Source}\", events: {{enter: 0.7}}}}";
        await ReloadAsync(service, Config(broker, cameras), "retuned cam2");

        // A zone: its pictures go on, and its answers tell where the model looks from then on.
        cameras["cam4"] = $"{{url: \"{Source}\", zones: {{left: {{points: [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]}}}}}}";
        await ReloadAsync(service, Config(broker, cameras), "retuned cam4");
        await listener.NextAsync(
            message => message.Topic == "actionstream/cam4/scores"
                && message.Payload.Contains("\"attention\":{\"left\":0.", StringComparison.Ordinal),
            Patience);
        Assert.DoesNotContain(listener.Messages, message =>
            message.Topic == "actionstream/cam5/scores" && message.Payload.Contains("attention", StringComparison.Ordinal));

        cameras.Remove("cam3");
        await ReloadAsync(service, Config(broker, cameras), "removed cam3");
        await listener.NextAsync(message => message is { Topic: "actionstream/cam3/status", Payload: "" }, Patience);
        var page = await service.GetAsync("/metrics");
        Assert.DoesNotContain("actionstream_camera_up{camera=\"cam3\"}", page, StringComparison.Ordinal);
        Assert.Equal(8, Service.Metric(page, "actionstream_child_processes"));

        // From the first decision on, nobody else missed one: their windows follow each other at the hop.
        var enough = Ends(listener, "cam8").Length + 6;
        await ScoresAsync(listener, "cam8", enough);
        var longest = new[] { "cam2", "cam4", "cam5", "cam6", "cam7", "cam8" }.ToDictionary(camera => camera, camera =>
        {
            var ends = Ends(listener, camera);
            var gaps = ends.Zip(ends.Skip(1), (a, b) => b - a).ToArray();
            output.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"{camera}: {ends.Length} decisions, longest distance {gaps.Max():0.000} s"));
            return gaps.Max();
        });
        output.WriteLine(string.Join('\n', (await service.GetAsync("/metrics")).Split('\n').Where(line =>
            line.StartsWith("actionstream_windows_skipped_total", StringComparison.Ordinal)
            && !line.EndsWith(" 0", StringComparison.Ordinal))));
        Assert.All(longest, camera => Assert.True(camera.Value <= 2 * Hop + 0.05, $"{camera.Key} has a gap of {camera.Value:0.000} s"));

        Assert.Equal(0, await service.StopAsync());
    }

    [NeedsFact("ffmpeg", "mosquitto", "mosquitto_sub", "setpriv")]
    public async Task A_bad_file_changes_nothing_and_says_why_and_what_cannot_change_is_named()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var listener = await Listener.StartAsync(broker.Port);
        var good = Config(broker, new() { ["cam"] = $"{{url: \"{Source}\"}}" });
        await using var service = await Service.StartAsync(good);
        await ScoresAsync(listener, "cam", 2);
        Assert.Equal(1, await service.MetricAsync("actionstream_config_last_reload_success"));
        var taken = await service.MetricAsync("actionstream_config_last_reload_timestamp_seconds");
        Assert.InRange(taken, Now() - 120, Now());

        // By itself, and as editors do it: another file takes its name.
        service.Replace(good.Replace("hop: 4", "hop: many, colour: red", StringComparison.Ordinal)
            + "  other: {url: \"ftp://nobody:hunter2@nowhere\"}\n");
        await service.Child.LineAsync(line => line.Contains("the one before runs on", StringComparison.Ordinal), Patience);
        Assert.Contains(service.Child.Lines, line => line.Contains("hop is many; expected a whole number", StringComparison.Ordinal));
        Assert.Contains(service.Child.Lines, line => line.Contains("colour is not a setting", StringComparison.Ordinal));
        Assert.Contains(service.Child.Lines, line => line.Contains("cameras.other.url", StringComparison.Ordinal));
        Assert.DoesNotContain("hunter2", service.Child.All, StringComparison.Ordinal);
        Assert.Equal(0, await service.MetricAsync("actionstream_config_last_reload_success"));
        Assert.Equal(taken, await service.MetricAsync("actionstream_config_last_reload_timestamp_seconds"));
        Assert.Contains("the one before it runs on", await service.GetAsync("/health/ready"), StringComparison.Ordinal);
        var soFar = Ends(listener, "cam").Length;
        await ScoresAsync(listener, "cam", soFar + 3);

        // Repaired, with a new camera that works at once and a broker that has to wait.
        await ReloadAsync(
            service,
            good.Replace("prefix: actionstream", "prefix: elsewhere", StringComparison.Ordinal) + $"  other: {{url: \"{Source}\"}}\n",
            "added other");
        await service.Child.LineAsync(line => line.Contains("restart to apply mqtt.prefix", StringComparison.Ordinal), Patience);
        await ScoresAsync(listener, "other", 2);
        Assert.Equal(1, await service.MetricAsync("actionstream_config_last_reload_success"));
        Assert.True(await service.MetricAsync("actionstream_config_last_reload_timestamp_seconds") > taken);
        Assert.Contains("restart to apply mqtt.prefix", await service.GetAsync("/health/ready"), StringComparison.Ordinal);
        Assert.Equal(0, await service.StopAsync());
    }

    private static string Config(Mosquitto broker, Dictionary<string, string> cameras) =>
        $"""
        node: edge
        model: {"{"}path: {TestModel.Folder}, device: cpu{"}"}
        http: {"{"}port: 0{"}"}
        mqtt: {"{"}host: 127.0.0.1, port: {broker.Port}, prefix: actionstream{"}"}
        defaults: {"{"}hop: 4, deadline: 0s, events: {"{"}scores: every{"}"}{"}"}
        cameras:

        """ + string.Concat(cameras.Select(camera => $"  {camera.Key}: {camera.Value}\n"));

    private static async Task ReloadAsync(Service service, string yaml, string changes)
    {
        service.Replace(yaml);
        service.Child.Signal("HUP");
        await service.Child.LineAsync(line => line.Contains("taken on; " + changes, StringComparison.Ordinal), Patience);
    }

    private static Task<Listener.Message> ScoresAsync(Listener listener, string camera, int count) => listener.NextAsync(
        message => message.Topic == $"actionstream/{camera}/scores" && message.Json.GetProperty("seq").GetInt64() >= count - 1, Patience);

    private static double[] Ends(Listener listener, string camera) =>
    [
        .. listener.Messages.Where(message => message.Topic == $"actionstream/{camera}/scores")
            .Select(message => message.Json.GetProperty("window").GetProperty("end").GetDouble()),
    ];

    private static double Now() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
}
