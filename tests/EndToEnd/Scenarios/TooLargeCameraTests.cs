using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Scenarios;

/// <summary>A camera whose frames are larger than they may be: it is told by name, and nobody else pays for it.</summary>
public sealed class TooLargeCameraTests
{
    [NeedsFact("ffmpeg", "mosquitto", "mosquitto_sub", "setpriv")]
    public async Task It_is_offline_by_that_name_is_never_called_online_and_its_neighbour_decides()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var listener = await Listener.StartAsync(broker.Port);
        var clip = Path.Combine(Parts.Root, "configs/demo/clip.mp4");
        await using var service = await Service.StartAsync(
            $$"""
            node: edge
            model: {path: {{TestModel.Folder}}, device: cpu}
            http: {port: 0}
            mqtt: {host: 127.0.0.1, port: {{broker.Port}} }
            defaults: {loop: true, hop: 4, connect_timeout: 2s, stall_timeout: 2s, events: {scores: every} }
            cameras:
              large: {url: "{{clip}}", max_pixels: 10000}
              usual: {url: "{{clip}}"}
            """);

        var offline = await listener.NextAsync(
            message => message.Topic == "actionstream/large/status" && State(message) == "offline", TimeSpan.FromSeconds(20));
        await listener.NextAsync(message => message.Topic == "actionstream/usual/scores", TimeSpan.FromSeconds(20));

        Assert.Equal("too_large", offline.Json.GetProperty("reason").GetString());
        Assert.DoesNotContain(
            listener.Messages,
            message => message.Topic == "actionstream/large/status" && State(message) is "online" or "degraded");
        Assert.Contains("more pixels than max_pixels allows", service.Child.All, StringComparison.Ordinal);
        Assert.Equal(200, (await service.ReadinessAsync()).Code); // nothing is wrong with this machine
        Assert.Equal(0, await service.StopAsync());
    }

    private static string? State(Listener.Message message) => message.Json.GetProperty("state").GetString();
}
