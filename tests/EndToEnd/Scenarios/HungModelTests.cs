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
        await using var service = await Service.StartAsync(
            $$"""
            node: edge
            model: {path: {{model}}, device: cpu, run_timeout: 2s, batch: {workers: 1} }
            http: {port: 0}
            mqtt: {host: 127.0.0.1, port: {{broker.Port}}, prefix: p}
            defaults: {hop: 2, deadline: 0s, events: {scores: every, enter: 0.5, leave: 0.4, min_duration: 0s, smoothing: 0s} }
            cameras:
              cam: {url: "lavfi:nullsrc=s=64x64:r=16,format=rgb24,geq=r='if(gt(T,4),255,mod(X*7+N*3,80)+100)':g='mod(Y*5+N,80)+60':b=90"}
            """);
        var start = await listener.NextAsync(message => message.Topic == "p/cam/events" && TypeOf(message) == "start", Patience);
        await service.Child.LineAsync(line => line.Contains("has not returned for", StringComparison.Ordinal), Patience);
        Assert.Equal(3, await service.Child.ExitAsync(Patience));

        var end = await listener.NextAsync(message => message.Topic == "p/cam/events" && TypeOf(message) == "end", Patience);
        Assert.Equal(start.Json.GetProperty("event_id").GetString(), end.Json.GetProperty("event_id").GetString());
        Assert.Equal("stopped", end.Json.GetProperty("end_reason").GetString());
        await listener.NextAsync(message => message is { Topic: "p/edge/status", Payload: "offline" }, Patience);
        Assert.Contains("cpu has not returned", service.Child.All, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", service.Child.All, StringComparison.Ordinal);
    }

    private static string? TypeOf(Listener.Message message) =>
        message.Payload.Length > 0 ? message.Json.GetProperty("type").GetString() : null;
}
