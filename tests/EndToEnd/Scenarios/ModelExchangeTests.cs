using System.Globalization;
using ActionStream.EndToEnd.Support;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Scenarios;

/// <summary>Another model under running cameras, and one whose runs throw for good.</summary>
public sealed class ModelExchangeTests(ITestOutputHelper output)
{
    private const double Hop = 2 * 0.125;
    private const string Picture = "nullsrc=s=64x64:r=16,format=rgb24,geq=r='mod(X*7+N*3,80)+100':g='mod(Y*5+N,80)+60':b=90";

    private static readonly string[] Cameras = ["front", "yard", "gate"];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [NeedsFact("ffmpeg", "mosquitto", "mosquitto_sub", "setpriv")]
    public async Task Another_model_takes_over_between_two_windows_of_every_camera_and_a_broken_one_is_refused()
    {
        var first = OddModel.Sound("first", "bright", "other");
        var second = OddModel.Sound("second", "bright", "wet", "dry");
        await using var broker = await Mosquitto.StartAsync();
        await using var listener = await Listener.StartAsync(broker.Port);
        await using var service = await Service.StartAsync(Config(broker, first, Picture));
        foreach (var camera in Cameras)
        {
            await ScoresAsync(listener, camera, "first", 6);
            await EventAsync(listener, camera, "start");
        }

        // One that cannot be loaded: told why, and nothing else happens.
        var broken = OddModel.Sound("broken");
        await File.WriteAllBytesAsync(Path.Combine(broken, "model.onnx"), [1, 2, 3]);
        service.Replace(Config(broker, broken, Picture));
        await service.Child.LineAsync(line => line.Contains("the one before runs on", StringComparison.Ordinal), Patience);
        Assert.Contains(service.Child.Lines, line => line.Contains("model.onnx", StringComparison.Ordinal));
        Assert.Equal(1, await service.MetricAsync("actionstream_model_changes_total", "refused"));

        service.Replace(Config(broker, second, Picture));
        service.Child.Signal("HUP");
        await service.Child.LineAsync(line => line.Contains("model second has taken the place of first", StringComparison.Ordinal), Patience);
        foreach (var camera in Cameras)
        {
            await ScoresAsync(listener, camera, "second", 8);
            var end = await EventAsync(listener, camera, "end");
            Assert.Equal("model_changed", end.Json.GetProperty("end_reason").GetString());
            Assert.Equal("first", end.Json.GetProperty("model").GetProperty("name").GetString());
            await listener.NextAsync(message => message is { Payload: "" } && message.Topic == $"p/{camera}/action/other/state", Patience);
            await listener.NextAsync(message => message is { Payload: "OFF" } && message.Topic == $"p/{camera}/action/wet/state", Patience);

            // Its windows follow each other at the hop, numbered on, and change from one model to the other once.
            var scores = listener.Messages.Where(message => message.Topic == $"p/{camera}/scores").Select(message => message.Json).ToArray();
            var ends = scores.Select(score => score.GetProperty("window").GetProperty("end").GetDouble()).ToArray();
            var gaps = ends.Zip(ends.Skip(1), (a, b) => b - a).ToArray();
            var names = scores.Select(score => score.GetProperty("model").GetProperty("name").GetString()!).ToArray();
            var versions = scores.Select(score => score.GetProperty("model").GetProperty("version").GetString()!).ToArray();
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{camera}: {names.Length} windows, longest distance {gaps.Max():0.000} s"));
            Assert.Equal(["first", "second"], names.Distinct());
            Assert.Equal(names.Order(StringComparer.Ordinal), names);
            Assert.Equal(2, versions.Distinct().Count());
            Assert.All(gaps, gap => Assert.Equal(Hop, gap, 0.02));
            Assert.Equal(
                Enumerable.Range(0, scores.Length).Select(seq => (long)seq), scores.Select(score => score.GetProperty("seq").GetInt64()));
        }

        Assert.Equal(1, await service.MetricAsync("actionstream_model_changes_total", "taken"));
        Assert.Equal(0, await service.MetricAsync("actionstream_windows_skipped_total", "no_model"));
        var info = listener.Messages.Last(message => message.Topic == "p/edge/info").Json;
        Assert.Equal("second", Assert.Single(info.GetProperty("models").EnumerateArray()).GetProperty("name").GetString());
        Assert.Equal(0, await service.StopAsync());
    }

    [NeedsFact("ffmpeg", "mosquitto", "mosquitto_sub", "setpriv")]
    public async Task While_the_models_runs_throw_for_good_the_service_is_unready_and_says_why_and_then_it_is_back()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var listener = await Listener.StartAsync(broker.Port);
        await using var service = await Service.StartAsync(Config(
            broker, OddModel.Throws(), Picture.Replace("r='mod(", "r='if(between(T,3,8),255,mod(", StringComparison.Ordinal)
                .Replace("+100'", "+100)'", StringComparison.Ordinal)));
        await EventAsync(listener, "front", "start");
        await service.Child.LineAsync(line => line.Contains("fail for good", StringComparison.Ordinal), Patience);
        Assert.Equal("model_lost", (await EventAsync(listener, "front", "end")).Json.GetProperty("end_reason").GetString());
        await listener.NextAsync(
            message => message.Topic == "p/front/status" && message.Payload.Contains("\"no_model\"", StringComparison.Ordinal), Patience);
        await listener.NextAsync(
            message => message.Topic == "p/edge/info" && message.Payload.Contains("\"model_state\":\"lost\"", StringComparison.Ordinal), Patience);
        await service.UntilAsync("/health/ready", (code, text) => code == 503 && text.StartsWith("no model\nmodel: its runs on cpu fail"));

        // The frames are harmless again.
        await service.UntilAsync("/health/ready", (code, text) => code == 200 && !text.Contains("model"));
        await listener.NextAsync(
            message => message.Topic == "p/front/events" && message.Json.GetProperty("type").GetString() == "start"
                && listener.Messages.Any(other => other.Topic == "p/front/events" && other.Json.GetProperty("type").GetString() == "end"),
            Patience);
        Assert.True(await service.MetricAsync("actionstream_model_losses_total", "run_failed") >= 1);
        Assert.True(await service.MetricAsync("actionstream_windows_skipped_total", "no_model") >= 1);
        Assert.Equal(0, await service.MetricAsync("actionstream_load_degradation_level"));
        Assert.Equal(0, await service.StopAsync());
    }

    [NeedsFact("ffmpeg", "mosquitto", "mosquitto_sub", "setpriv")]
    public async Task Asked_to_stop_while_there_is_no_model_it_stops_as_ever()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var listener = await Listener.StartAsync(broker.Port);
        await using var service = await Service.StartAsync(
            Config(broker, OddModel.Throws(), Picture.Replace("mod(X*7+N*3,80)+100", "255", StringComparison.Ordinal)));
        await service.UntilAsync("/health/ready", (code, _) => code == 503);
        Assert.Equal(0, await service.StopAsync());
        await listener.NextAsync(message => message is { Topic: "p/edge/status", Payload: "offline" }, Patience);
    }

    [NeedsFact("ffmpeg", "mosquitto", "mosquitto_sub", "setpriv")]
    public async Task New_files_in_the_same_folder_are_taken_over_at_SIGHUP_and_other_frames_open_the_cameras_again()
    {
        var folder = OddModel.Sound("small");
        await using var broker = await Mosquitto.StartAsync();
        await using var listener = await Listener.StartAsync(broker.Port);
        await using var service = await Service.StartAsync(Config(broker, folder, Picture));
        await ScoresAsync(listener, "front", "small", 4);

        OddModel.SoundIn(folder, "large", 2 * OddModel.Side, "bright", "dark");
        service.Child.Signal("HUP");
        await service.Child.LineAsync(line => line.Contains("large", StringComparison.Ordinal), Patience); // else the log is shown
        foreach (var camera in Cameras)
        {
            await ScoresAsync(listener, camera, "large", 4);
            var names = listener.Messages.Where(message => message.Topic == $"p/{camera}/scores")
                .Select(message => message.Json.GetProperty("model").GetProperty("name").GetString()).ToArray();
            Assert.Equal(names.OrderDescending(), names); // small, then large
        }

        Assert.Equal(0, await service.MetricAsync("actionstream_inference_errors_total"));
        Assert.Equal(0, await service.StopAsync());
    }

    private static string Config(Mosquitto broker, string model, string picture) =>
        $$"""
        node: edge
        model: {path: {{model}}, device: cpu, batch: {workers: 2} }
        http: {port: 0}
        mqtt: {host: 127.0.0.1, port: {{broker.Port}}, prefix: p}
        defaults: {hop: 2, deadline: 0s, events: {scores: every, enter: 0.5, leave: 0.4, min_duration: 0s, smoothing: 0s} }
        cameras:

        """ + string.Concat(Cameras.Select(camera => $"  {camera}: {{url: \"lavfi:{picture}\"}}\n"));

    private static Task<Listener.Message> EventAsync(Listener listener, string camera, string type) => listener.NextAsync(
        message => message.Topic == $"p/{camera}/events" && message.Json.GetProperty("type").GetString() == type, Patience);

    private static async Task ScoresAsync(Listener listener, string camera, string model, int count)
    {
        var seen = 0;
        await listener.NextAsync(
            message => message.Topic == $"p/{camera}/scores"
                && message.Json.GetProperty("model").GetProperty("name").GetString() == model && ++seen >= count,
            Patience);
    }
}
