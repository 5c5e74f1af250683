using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Contracts.Publish;

/// <summary>A running service, asked by mosquitto_pub and heard by mosquitto_sub.</summary>
public sealed class CommandTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static async Task PublishAsync(int port, string topic, string payload, params string[] more)
    {
        await using var child = new Child(
            "mosquitto_pub", ["-h", "127.0.0.1", "-p", $"{port}", "-q", "1", "-t", topic, "-m", payload, .. more]);
        Assert.Equal(0, await child.ExitAsync(Limit));
    }

    private static bool IsState(Listener.Message message, string state) =>
        message.Topic == "actionstream/camera/status" && message.Json.GetProperty("state").GetString() == state;

    [NeedsFact("ffmpeg", "mosquitto", "mosquitto_sub", "mosquitto_pub")]
    public async Task A_camera_is_switched_off_with_its_child_and_on_again_and_a_retained_wish_counts_for_nothing()
    {
        await using var broker = await Mosquitto.StartAsync();
        await PublishAsync(broker.Port, "actionstream/camera/enabled/set", "OFF", "--retain"); // from some earlier day
        await using var listener = await Listener.StartAsync(broker.Port, "actionstream/camera/#");
        await using var service = await Service.StartAsync(
            $$"""
            node: edge
            model: {path: {{TestModel.Folder}}, device: cpu}
            http: {port: 0}
            mqtt: {host: 127.0.0.1, port: {{broker.Port}} }
            cameras:
              camera: {url: "lavfi:testsrc2=size=160x120:rate=25", hop: 1, events: {enter: 0.001, leave: 0.0001, min_duration: 0ms} }
            """);
        await listener.NextAsync(message => IsState(message, "online"), Limit);
        await listener.NextAsync(
            message => message is { Payload: "ON" } && message.Topic.Contains("/action/", StringComparison.Ordinal), Limit);

        await PublishAsync(broker.Port, "actionstream/camera/enabled/set", "OFF");
        await listener.NextAsync(message => IsState(message, "disabled"), Limit);
        await listener.NextAsync(message => message is { Topic: "actionstream/camera/enabled/state", Payload: "OFF" }, Limit);
        var end = await listener.NextAsync(
            message => message.Topic.EndsWith("/events", StringComparison.Ordinal) && message.Json.GetProperty("type").GetString() == "end",
            Limit);
        Assert.Equal("disabled", end.Json.GetProperty("end_reason").GetString());
        using var limit = new CancellationTokenSource(Limit);
        while (await service.MetricAsync("actionstream_child_processes") > 0)
        {
            await Task.Delay(100, limit.Token);
        }

        var decided = await service.MetricAsync("actionstream_decisions_total");
        var off = listener.Messages.Count();
        await PublishAsync(broker.Port, "actionstream/camera/enabled/set", "ON");
        using var again = new CancellationTokenSource(Limit);
        while (!listener.Messages.Skip(off).Any(message => IsState(message, "online"))
            || await service.MetricAsync("actionstream_decisions_total") <= decided)
        {
            await Task.Delay(100, again.Token);
        }

        await PublishAsync(broker.Port, "actionstream/camera/enabled/set", "perhaps");
        using var counted = new CancellationTokenSource(Limit);
        while (await service.MetricAsync("actionstream_mqtt_commands_ignored_total", "reason=\"malformed\"") < 1)
        {
            await Task.Delay(100, counted.Token);
        }

        Assert.Equal(1, await service.MetricAsync("actionstream_mqtt_commands_ignored_total", "reason=\"retained\""));
        Assert.Equal(2, await service.MetricAsync("actionstream_mqtt_commands_total", "type=\"enabled\""));
        Assert.Equal(0, await service.StopAsync());
    }
}
