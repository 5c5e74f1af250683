using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Scenarios;

/// <summary>A run of the model that never returns: the service says goodbye and leaves, for its supervisor to start it anew.</summary>
public sealed class HungModelTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [NeedsTheory("ffmpeg", "mosquitto", "mosquitto_sub", "setpriv")]
    [InlineData(true)]
    [InlineData(false)] // its thread is left behind, inside the native library
    public async Task A_run_that_never_returns_ends_events_says_offline_and_leaves_with_exit_code_3(bool endsWhenAsked)
    {
        var model = endsWhenAsked ? OddModel.NeverReturns() : OddModel.IsDeaf();
        await using var broker = await Mosquitto.StartAsync();
        await using var listener = await Listener.StartAsync(broker.Port);
        await using var service = await Service.StartAsync(Config(broker, model, "2s"));
        var start = await StartAsync(listener);
        await service.Child.LineAsync(line => line.Contains("has not returned for", StringComparison.Ordinal), Patience);
        Assert.Equal(3, await service.Child.ExitAsync(Patience));

        await GoodbyeAsync(listener, start);
        Assert.Contains("cpu has not returned", service.Child.All, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", service.Child.All, StringComparison.Ordinal);
    }

    [NeedsTheory("ffmpeg", "mosquitto", "mosquitto_sub", "setpriv")]
    [InlineData(false)]
    [InlineData(true)] // a second signal
    public async Task A_stop_does_not_wait_for_the_limit_of_a_run_that_never_returns(bool isInHaste)
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var listener = await Listener.StartAsync(broker.Port);
        await using var service = await Service.StartAsync(Config(broker, OddModel.IsDeaf(), "5m"));
        var start = await StartAsync(listener);
        await UntilHungAsync(service);
        var asked = TimeProvider.System.GetTimestamp();
        service.Child.Signal("TERM");
        if (isInHaste)
        {
            await service.UntilAsync("/health/ready", (code, _) => code == 503);
            service.Child.Signal("TERM");
        }

        Assert.Equal(3, await service.Child.ExitAsync(Patience));
        Assert.InRange(TimeProvider.System.GetElapsedTime(asked).TotalSeconds, 0, isInHaste ? 6 : 14);
        Assert.DoesNotContain("   at ", service.Child.All, StringComparison.Ordinal);
        if (!isInHaste)
        {
            await GoodbyeAsync(listener, start);
        }
    }

    [NeedsFact("ffmpeg", "mosquitto", "mosquitto_sub", "setpriv")]
    public async Task A_change_that_waits_for_a_run_that_never_returns_does_not_stand_in_the_way_of_a_goodbye()
    {
        var model = OddModel.IsDeaf();
        await using var broker = await Mosquitto.StartAsync();
        await using var listener = await Listener.StartAsync(broker.Port);
        await using var service = await Service.StartAsync(Config(broker, model, "8s"));
        await StartAsync(listener);
        await UntilHungAsync(service);
        service.Replace(Config(broker, model, "8s").Replace("  cam:", "  other:", StringComparison.Ordinal));
        service.Child.Signal("HUP");
        await service.Child.LineAsync(line => line.Contains("Configuration: reading", StringComparison.Ordinal), Patience);
        await service.Child.LineAsync(line => line.Contains("has not returned for", StringComparison.Ordinal), Patience);
        var since = TimeProvider.System.GetTimestamp();
        Assert.Equal(3, await service.Child.ExitAsync(Patience));
        Assert.InRange(TimeProvider.System.GetElapsedTime(since).TotalSeconds, 0, 9); // not cut off after twelve
        await listener.NextAsync(message => message is { Topic: "p/edge/status", Payload: "offline" }, Patience);
        await listener.NextAsync(message => message.Topic == "p/cam/events" && TypeOf(message) == "end", Patience);
        Assert.DoesNotContain("   at ", service.Child.All, StringComparison.Ordinal);
    }

    private static string Config(Mosquitto broker, string model, string timeout) =>
        $$"""
        node: edge
        model: {path: {{model}}, device: cpu, run_timeout: {{timeout}}, batch: {workers: 1} }
        http: {port: 0}
        mqtt: {host: 127.0.0.1, port: {{broker.Port}}, prefix: p}
        defaults: {hop: 2, deadline: 0s, events: {scores: every, enter: 0.5, leave: 0.4, min_duration: 0s, smoothing: 0s} }
        cameras:
          cam: {url: "lavfi:nullsrc=s=64x64:r=16,format=rgb24,geq=r='if(gt(T,4),255,mod(X*7+N*3,80)+100)':g='mod(Y*5+N,80)+60':b=90"}
        """;

    private static Task<Listener.Message> StartAsync(Listener listener) =>
        listener.NextAsync(message => message.Topic == "p/cam/events" && TypeOf(message) == "start", Patience);

    private static async Task GoodbyeAsync(Listener listener, Listener.Message start)
    {
        var end = await listener.NextAsync(message => message.Topic == "p/cam/events" && TypeOf(message) == "end", Patience);
        Assert.Equal(start.Json.GetProperty("event_id").GetString(), end.Json.GetProperty("event_id").GetString());
        Assert.Equal("stopped", end.Json.GetProperty("end_reason").GetString());
        await listener.NextAsync(message => message is { Topic: "p/edge/status", Payload: "offline" }, Patience);
    }

    // Windows come four times a second; none was answered for one.
    private static async Task UntilHungAsync(Service service)
    {
        using var limit = new CancellationTokenSource(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        for (var before = 0.0; await timer.WaitForNextTickAsync(limit.Token);)
        {
            var now = await service.MetricAsync("actionstream_inference_windows_total");
            if (now > 0 && now == before)
            {
                return;
            }

            before = now;
        }
    }

    private static string? TypeOf(Listener.Message message) =>
        message.Payload.Length > 0 ? message.Json.GetProperty("type").GetString() : null;
}
