using System.Globalization;
using ActionStream.EndToEnd.Support;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Scenarios;

/// <summary>The promise as a whole, on real parts: a real RTSP server, real ffmpeg, a real broker, an independent subscriber.</summary>
public sealed class ThreeCamerasTests(ITestOutputHelper output)
{
    private const double ConfiguredRate = 4; // the model samples every 125 ms, hop 2
    private const double Span = 15 * 0.125;  // from the first to the last of 16 frames

    [NeedsFact("ffmpeg", "mosquitto", "mosquitto_sub", "rtsp", "setpriv")]
    public async Task One_camera_stays_one_is_killed_and_comes_back_one_has_a_wrong_password()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var listener = await Listener.StartAsync(broker.Port);
        await using var steady = await RtspCamera.StartAsync();
        await using var mortal = await RtspCamera.StartAsync();
        await using var locked = await RtspCamera.StartAsync(login: "admin:right");
        await using var service = await Service.StartAsync(
            $"""
            node: edge
            model: {"{"}path: {TestModel.Folder}, device: cpu{"}"}
            http: {"{"}port: 0{"}"}
            mqtt: {"{"}host: 127.0.0.1, port: {broker.Port}{"}"}
            defaults: {"{"}hop: 2, events: {"{"}scores: every{"}"}{"}"}
            cameras:
              steady: {"{"}url: "{steady.Url}"{"}"}
              mortal: {"{"}url: "{mortal.Url}"{"}"}
              locked: {"{"}url: "{locked.Url.Replace("rtsp://", "rtsp://admin:hunter2@", StringComparison.Ordinal)}"{"}"}
            """);

        // The wrong password is told, by word and not by value.
        var refused = await listener.NextAsync(
            message => message.Topic == "actionstream/locked/status" && State(message) == "offline", TimeSpan.FromSeconds(15));
        Assert.Equal("auth", refused.Json.GetProperty("reason").GetString());

        var scores = await Scores(listener, "mortal", 12, TimeSpan.FromSeconds(20));
        await mortal.KillAsync();
        var killedAt = Now();
        await listener.NextAsync(
            message => message.Topic == "actionstream/mortal/status" && message.ReceivedAt > killedAt
                && State(message) is "offline" or "connecting",
            TimeSpan.FromSeconds(10));

        await mortal.StartAgainAsync();
        var backAt = Now();
        var online = await listener.NextAsync(
            message => message.Topic == "actionstream/mortal/status" && message.ReceivedAt > backAt && State(message) == "online",
            TimeSpan.FromSeconds(15));
        var decision = await listener.NextAsync(
            message => message.Topic == "actionstream/mortal/scores" && message.ReceivedAt > backAt, TimeSpan.FromSeconds(15));
        var onlineAfter = online.ReceivedAt - backAt;
        var decisionAfter = decision.ReceivedAt - backAt;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"killed camera: online {onlineAfter:0.00} s after its server, first decision after {decisionAfter:0.00} s"));
        Assert.InRange(onlineAfter, 0, 5);

        // Decisions arrive at the configured rate while the camera is up.
        var first = (await Scores(listener, "steady", 1, TimeSpan.FromSeconds(1)))[0];
        var steadyScores = await Scores(listener, "steady", 60, TimeSpan.FromSeconds(30));
        var rate = (steadyScores.Length - 1) / (steadyScores[^1].ReceivedAt - first.ReceivedAt);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"steady camera: {rate:0.000} decisions/s of {ConfiguredRate} configured over {steadyScores.Length} decisions"));
        Assert.InRange(rate, ConfiguredRate * 0.95, ConfiguredRate * 1.05);
        var mortalScores = await Scores(listener, "mortal", scores.Length + 12, TimeSpan.FromSeconds(20));
        // by the camera's time: a stream that opens late sends at first what it held back
        var mortalRate = 11 / (End(mortalScores[11]) - End(mortalScores[0]));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"mortal camera before the kill: {mortalRate:0.000} decisions/s"));
        Assert.InRange(mortalRate, ConfiguredRate * 0.95, ConfiguredRate * 1.05);

        // No clip spans the gap: each is exactly as long as its rule says, by presentation time, and none lies across the dead time.
        Assert.All(steadyScores.Concat(mortalScores), message =>
            Assert.InRange(End(message) - Start(message), Span - 0.045, Span + 0.045));
        Assert.DoesNotContain(mortalScores, message => Start(message) < killedAt - 0.5 && End(message) > backAt);

        var latencies = steadyScores.Concat(mortalScores)
            .Select(message => message.Json.GetProperty("latency_ms").GetProperty("total").GetDouble()).Order().ToArray();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"latency in ms: p50 {latencies[latencies.Length / 2]:0.0}, p95 {latencies[latencies.Length * 95 / 100]:0.0}, "
            + $"max {latencies[^1]:0.0}"));

        Assert.Equal(0, await service.StopAsync());
        await listener.NextAsync(message => message is { Topic: "actionstream/edge/status", Payload: "offline" }, TimeSpan.FromSeconds(5));
        Assert.DoesNotContain("hunter2", service.Child.All, StringComparison.Ordinal);
        Assert.DoesNotContain(listener.Messages, message => message.Payload.Contains("hunter2", StringComparison.Ordinal));
    }

    private static string? State(Listener.Message message) => message.Json.GetProperty("state").GetString();

    private static double Start(Listener.Message message) => message.Json.GetProperty("window").GetProperty("start").GetDouble();

    private static double End(Listener.Message message) => message.Json.GetProperty("window").GetProperty("end").GetDouble();

    private static double Now() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;

    /// <summary>All scores of a camera so far, once there are so many.</summary>
    private static async Task<Listener.Message[]> Scores(Listener listener, string camera, int count, TimeSpan patience)
    {
        var topic = $"actionstream/{camera}/scores";
        await listener.NextAsync(message => message.Topic == topic && message.Json.GetProperty("seq").GetInt64() >= count - 1, patience);
        return [.. listener.Messages.Where(message => message.Topic == topic)];
    }
}
