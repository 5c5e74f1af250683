using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Contracts.Publish;

/// <summary>The service is killed while an event is open; whoever listens must not be left with an alarm that never ends.</summary>
public sealed class CrashTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly string _spool = Directory.CreateTempSubdirectory("actionstream-crash").FullName;

    public void Dispose() => Directory.Delete(_spool, recursive: true);

    // The untrained model's scores lie around 1 / its labels: with a threshold below that some class is always on.
    private string Yaml(int port, string source = "lavfi:testsrc2=size=160x120:rate=25") =>
        $$"""
        node: crash
        model: {path: {{TestModel.Folder}}, device: cpu}
        http: {port: 0}
        mqtt: {host: 127.0.0.1, port: {{port}}, retry_ceiling: 1s, spool: {path: {{_spool}} } }
        cameras:
          camera: {url: "{{source}}", hop: 1, events: {enter: 0.001, leave: 0.0001, min_duration: 0ms, smoothing: 0ms} }
        """;

    // What the broker has just delivered and not yet acknowledged would rightly come twice: QoS 1. That is not what is tested here.
    private static async Task AcknowledgedAsync(Service service)
    {
        using var limit = new CancellationTokenSource(Limit);
        for (double before = -1, now = 0; now > before;)
        {
            await Task.Delay(500, limit.Token);
            (before, now) = (now, await service.MetricAsync("actionstream_mqtt_published_total"));
        }
    }

    [NeedsFact("ffmpeg", "mosquitto", "mosquitto_sub")]
    public async Task After_kill_9_during_an_event_the_next_start_says_off_and_the_events_end_with_its_reason()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var listener = await Listener.StartAsync(broker.Port, "actionstream/#");
        Listener.Message start, on;
        await using (var service = await Service.StartAsync(Yaml(broker.Port)))
        {
            start = await listener.NextAsync(message => message.Topic.EndsWith("/events", StringComparison.Ordinal), Limit);
            on = await listener.NextAsync(
                message => message is { Payload: "ON" } && message.Topic.EndsWith("/state", StringComparison.Ordinal)
                    && message.Topic.Contains("/action/", StringComparison.Ordinal),
                Limit);
            await AcknowledgedAsync(service);
            await service.Child.KillAsync(); // SIGKILL
            await listener.NextAsync(message => message is { Topic: "actionstream/crash/status", Payload: "offline" }, Limit);
        }

        var id = start.Json.GetProperty("event_id").GetString();
        Assert.Equal("start", start.Json.GetProperty("type").GetString());
        var before = listener.Messages.Count();

        // sees nothing, starts nothing
        await using var again = await Service.StartAsync(Yaml(broker.Port, "lavfi:color=black:size=160x120:rate=25"));
        var end = await listener.NextAsync(
            message => message.Topic.EndsWith("/events", StringComparison.Ordinal) && message.Json.GetProperty("event_id").GetString() == id
                && message.Json.GetProperty("type").GetString() == "end",
            Limit);
        Assert.Equal(("crashed", true), (end.Json.GetProperty("end_reason").GetString(), end.Json.GetProperty("late").GetBoolean()));
        Assert.NotEqual(start.Json.GetProperty("boot_id").GetString(), end.Json.GetProperty("boot_id").GetString());
        Assert.True(end.Json.GetProperty("end_time").GetDouble() >= start.Json.GetProperty("start_time").GetDouble());
        Assert.Contains(listener.Messages.Skip(before), message => message.Topic == on.Topic && message.Payload == "OFF");

        // Every event that had a start has one end, and the repair is not repeated at the start after this.
        Assert.Equal(0, await again.StopAsync());
        await using var third = await Service.StartAsync(Yaml(broker.Port, "lavfi:color=black:size=160x120:rate=25"));
        await listener.NextAsync(
            message => message.ReceivedAt > end.ReceivedAt && message is { Topic: "actionstream/crash/status", Payload: "online" }, Limit);
        Assert.Equal(0, await third.StopAsync());
        var steps = listener.Messages.Where(message => message.Topic.EndsWith("/events", StringComparison.Ordinal))
            .Select(message => message.Json).ToList();
        var starts = steps.Where(step => step.GetProperty("type").GetString() == "start")
            .Select(step => step.GetProperty("event_id").GetString()).ToList();
        var ends = steps.Where(step => step.GetProperty("type").GetString() == "end")
            .Select(step => step.GetProperty("event_id").GetString()).ToList();
        Assert.Equal(starts.Order(), ends.Order());
        Assert.Equal(starts.Count, starts.Distinct().Count());
        Assert.DoesNotContain(third.Child.Lines, line => line.Contains("was open when the service died", StringComparison.Ordinal));
    }

    [NeedsFact("ffmpeg", "mosquitto", "mosquitto_sub")]
    public async Task Events_of_a_process_that_was_killed_while_the_broker_was_away_arrive_once_and_in_order_from_the_next()
    {
        await using var broker = await Mosquitto.StartAsync();
        await broker.KillAsync();
        await using (var service = await Service.StartAsync(Yaml(broker.Port)))
        {
            using var limit = new CancellationTokenSource(Limit);
            while (await service.MetricAsync("actionstream_mqtt_spool_messages") < 3)
            {
                await Task.Delay(100, limit.Token);
            }

            Assert.True(await service.MetricAsync("actionstream_mqtt_spool_disk_bytes") > 1000);
            await service.Child.KillAsync();
        }

        await broker.StartAgainAsync();
        await using var listener = await Listener.StartAsync(broker.Port, "actionstream/camera/events");
        await using var again = await Service.StartAsync(Yaml(broker.Port, "lavfi:color=black:size=160x120:rate=25"));
        await listener.NextAsync(message => message.Json.GetProperty("type").GetString() == "end", Limit);
        Assert.Equal(0, await again.StopAsync());
        var steps = listener.Messages.Select(message => message.Json).ToList();
        Assert.All(steps, step => Assert.True(step.GetProperty("late").GetBoolean()));
        var old = steps.Where(step => step.GetProperty("boot_id").GetString() == steps[0].GetProperty("boot_id").GetString())
            .Select(step => step.GetProperty("seq").GetInt64()).ToList();
        Assert.Equal(Enumerable.Range(0, old.Count).Select(i => (long)i), old);
        Assert.True(old.Count >= 3, $"{old.Count} events of the former process");
        Assert.Equal(
            steps.Count(step => step.GetProperty("type").GetString() == "start"),
            steps.Count(step => step.GetProperty("type").GetString() == "end"));
    }
}
