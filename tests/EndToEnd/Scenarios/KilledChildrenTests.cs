using System.Diagnostics;
using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Scenarios;

/// <summary>Children that die by a signal: a camera comes back from it, and a stop is no loss.</summary>
public sealed class KilledChildrenTests
{
    [NeedsFact("ffmpeg", "mosquitto", "mosquitto_sub", "setpriv")]
    public async Task A_test_source_whose_child_is_killed_is_offline_and_comes_back()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var listener = await Listener.StartAsync(broker.Port, "+/test/status");
        await using var service = await StartAsync(broker, "");
        var since = (await NextAsync(listener, "online", 0)).ReceivedAt;
        foreach (var signal in new[] { "KILL", "TERM", "SEGV" })
        {
            Processes.Signal(Assert.Single(Processes.Children(service.Child.Id)), signal);
            var offline = await NextAsync(listener, "offline", since);
            Assert.Equal("crashed", offline.Json.GetProperty("reason").GetString());
            since = (await NextAsync(listener, "online", offline.ReceivedAt)).ReceivedAt;
        }

        Assert.Equal(0, await service.StopAsync());
    }

    /// <summary>As systemd and a terminal's Ctrl-C do it: the signal goes to everybody, and a child is quicker than we are.</summary>
    [NeedsFact("ffmpeg", "mosquitto", "mosquitto_sub", "rtsp", "setpriv")]
    public async Task A_stop_that_ends_the_children_first_looks_like_any_other_stop()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var listener = await Listener.StartAsync(broker.Port);
        await using var camera = await RtspCamera.StartAsync();
        await using var service = await StartAsync(broker, $"  live: {{url: \"{camera.Url}\"}}\n");
        await NextAsync(listener, "online", 0, "actionstream/test/status");
        await NextAsync(listener, "online", 0, "actionstream/live/status");

        var children = Processes.Children(service.Child.Id);
        Assert.Equal(3, children.Length); // the RTSP camera has two: one reads, one decodes
        Process.Start("kill", ["-TERM", .. children.Select(child => $"{child}"), $"{service.Child.Id}"]).WaitForExit();

        Assert.Equal(0, await service.Child.ExitAsync(TimeSpan.FromSeconds(15)));
        await listener.NextAsync(message => message is { Topic: "actionstream/edge/status", Payload: "offline" }, TimeSpan.FromSeconds(5));
        Assert.DoesNotContain(listener.Messages, message => message.Topic is "actionstream/test/status" or "actionstream/live/status"
            && message.Json.GetProperty("state").GetString() == "offline");
        Assert.DoesNotContain("lost", service.Child.All, StringComparison.Ordinal);
    }

    private static Task<Service> StartAsync(Mosquitto broker, string cameras) => Service.StartAsync(
        $$"""
        node: edge
        model: {path: {{TestModel.Folder}}, device: cpu}
        http: {port: 0}
        mqtt: {host: 127.0.0.1, port: {{broker.Port}} }
        cameras:
          test: {url: "lavfi:testsrc2=size=160x120:rate=25"}
        {{cameras}}
        """);

    private static Task<Listener.Message> NextAsync(
        Listener listener, string state, double since, string topic = "actionstream/test/status") => listener.NextAsync(
        message => message.Topic == topic && message.ReceivedAt > since && message.Json.GetProperty("state").GetString() == state,
        TimeSpan.FromSeconds(20));
}
