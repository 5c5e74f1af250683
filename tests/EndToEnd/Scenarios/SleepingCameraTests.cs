using System.Text.Json;
using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Scenarios;

/// <summary>A camera on a wall on which nothing happens: what its owner sees while it sleeps, and what wakes it.</summary>
public sealed class SleepingCameraTests
{
    [NeedsFact("ffmpeg", "rtsp", "mosquitto", "mosquitto_sub", "mosquitto_pub", "setpriv")]
    public async Task A_quiet_camera_sleeps_stays_online_says_its_scores_again_and_wakes_for_who_asks()
    {
        await using var camera = await RtspCamera.StartAsync([await RtspCamera.StillAsync()], login: null);
        await using var broker = await Mosquitto.StartAsync();
        await using var listener = await Listener.StartAsync(broker.Port, "actionstream/wall/#");
        await using var service = await Service.StartAsync(
            $$"""
            node: asleep
            model: {path: {{TestModel.Folder}}, device: cpu}
            http: {port: 0}
            mqtt: {port: {{broker.Port}} }
            cameras:
              wall: {url: "{{camera.Url}}", hop: 2, events: {scores: every} }
            """);

        var asleep = await StatusAsync(listener, status => status.GetProperty("asleep").GetBoolean());
        Assert.Equal("online", asleep.GetProperty("state").GetString());
        Assert.True(asleep.GetProperty("fps").GetDouble() is 0 or (> 7 and < 9)); // as it was awake, if it was for long enough to tell
        Assert.Equal(0, asleep.GetProperty("awake_because").GetArrayLength());
        var skipped = await SkippedAsync(service);
        var again = await ScoresAsync(listener, isAsleep: true, after: 0);
        await ScoresAsync(listener, isAsleep: true, after: End(again));
        Assert.Equal(1, await service.MetricAsync("actionstream_camera_asleep"));
        Assert.Equal(1, await service.MetricAsync("actionstream_camera_up"));
        await NothingIsDecidedAsleepAsync(service, listener);

        await using (var command = new Child(
            "mosquitto_pub", ["-p", $"{broker.Port}", "-t", "actionstream/wall/wake/set", "-m", "2"]))
        {
            Assert.Equal(0, await command.ExitAsync(TimeSpan.FromSeconds(10)));
        }

        var awake = await StatusAsync(listener, status => Reasons(status).Contains("command"));
        Assert.False(awake.GetProperty("asleep").GetBoolean());
        await ScoresAsync(listener, isAsleep: false, after: End(again));

        // Nothing was lost by it, and nobody was told that the camera was away.
        Assert.Equal(skipped, await SkippedAsync(service));
        Assert.Equal(1, await service.MetricAsync("actionstream_camera_wakes_total", "reason=\"command\""));
        var states = listener.Messages.Where(message => message.Topic.EndsWith("/status", StringComparison.Ordinal))
            .Select(message => message.Json.GetProperty("state").GetString()).ToList();
        Assert.Equal(["connecting", "online"], states.Distinct());
        Assert.Equal(0, await service.StopAsync());
    }

    // Noise may wake it; then once more.
    private static async Task NothingIsDecidedAsleepAsync(Service service, Listener listener)
    {
        for (var tries = 0; tries < 5; tries++)
        {
            var last = listener.Messages.Where(message => message.Topic.EndsWith("/scores", StringComparison.Ordinal)).Max(message =>
                End(message.Json));
            var (wakes, decisions) = (await WakesAsync(service), await service.MetricAsync("actionstream_decisions_total"));
            await ScoresAsync(listener, isAsleep: true, after: last + 3);
            if (wakes == await WakesAsync(service))
            {
                Assert.Equal(decisions, await service.MetricAsync("actionstream_decisions_total"));
                return;
            }
        }

        Assert.Fail("it never slept for three seconds");
    }

    private static async Task<string> WakesAsync(Service service) => string.Join('\n', (await service.GetAsync("/metrics")).Split('\n')
        .Where(line => line.StartsWith("actionstream_camera_wakes_total", StringComparison.Ordinal)));

    private static async Task<string> SkippedAsync(Service service) => string.Join('\n', (await service.GetAsync("/metrics")).Split('\n')
        .Where(line => line.StartsWith("actionstream_windows_skipped_total", StringComparison.Ordinal)));

    private static async Task<JsonElement> StatusAsync(Listener listener, Func<JsonElement, bool> wanted) => (await listener.NextAsync(
        message => message.Topic.EndsWith("/status", StringComparison.Ordinal) && wanted(message.Json), TimeSpan.FromSeconds(60))).Json;

    private static async Task<JsonElement> ScoresAsync(Listener listener, bool isAsleep, double after) => (await listener.NextAsync(
        message => message.Topic.EndsWith("/scores", StringComparison.Ordinal)
            && message.Json.TryGetProperty("asleep", out _) == isAsleep && End(message.Json) > after,
        TimeSpan.FromSeconds(30))).Json;

    private static double End(JsonElement scores) => scores.GetProperty("window").GetProperty("end").GetDouble();

    private static IEnumerable<string?> Reasons(JsonElement status) =>
        status.GetProperty("awake_because").EnumerateArray().Select(word => word.GetString());
}
