using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Scenarios;

/// <summary>Children that flood standard error and children that crash: the camera goes on, and the log stays readable.</summary>
public sealed class DyingChildTests
{
    private const string Mark = "ACTIONSTREAM_TEST_MARK";

    [NeedsFact("ffmpeg", "setpriv", "setsid")]
    public async Task A_child_that_floods_standard_error_costs_neither_frames_nor_memory_nor_a_readable_log()
    {
        // 100,000 lines a second, beside the frames.
        using var ffmpeg = new FfmpegWrapper("while :; do cat \"$DIR/block\" >&2; sleep 0.1; done &");
        await File.WriteAllLinesAsync(
            Path.Combine(ffmpeg.Folder, "block"), Enumerable.Range(0, 10_000).Select(i => $"[h264 @ 0x5] something odd: flood {i}"));
        var mark = Guid.NewGuid().ToString("N");
        await using var service = await Service.StartAsync(Config("debug"), ffmpeg.Path, (Mark, mark));
        await DecisionsAsync(service, 6);
        var memory = await service.MetricAsync("actionstream_process_resident_memory_bytes");
        await DecisionsAsync(service, 12);
        var grown = await service.MetricAsync("actionstream_process_resident_memory_bytes") - memory;

        await KillAsync(service);

        await DecisionsAsync(service, 6);
        var lines = await service.MetricAsync("actionstream_camera_ffmpeg_lines_total");
        Assert.True(lines > 100_000, $"{lines} lines");
        Assert.True(grown < 60_000_000, $"{grown / 1e6:0} MB more");
        Assert.InRange(service.Child.Lines.Count(line => line.Contains("flood", StringComparison.Ordinal)), 1, 101);
        Assert.Equal(0, await service.StopAsync());
        Assert.DoesNotContain(Processes.WithEnvironment(Mark, mark), Processes.IsAlive);
    }

    [NeedsFact("ffmpeg", "setpriv")]
    public async Task A_child_that_crashes_is_started_again_its_last_lines_are_logged_and_nothing_of_it_is_left()
    {
        using var ffmpeg = new FfmpegWrapper("for i in $(seq 1 70); do echo last words $i >&2; done");
        await using var service = await Service.StartAsync(Config("information"), ffmpeg.Path);
        await DecisionsAsync(service, 3);
        var files = Directory.GetFiles($"/proc/{service.Child.Id}/fd").Length;

        foreach (var signal in (string[])["SEGV", "KILL", "ABRT"])
        {
            await KillAsync(service, signal);
            await DecisionsAsync(service, 3);
        }

        var said = service.Child.All;
        Assert.Contains("ffmpeg was ended by signal 11", said, StringComparison.Ordinal);
        Assert.Contains("last words 70", said, StringComparison.Ordinal);
        Assert.Contains("last words 21", said, StringComparison.Ordinal);
        Assert.DoesNotContain("last words 20\n", said, StringComparison.Ordinal);
        Assert.True(await service.MetricAsync("actionstream_camera_reconnects_total", "reason=\"crashed\"") == 3, said);
        Assert.Single(Processes.Children(service.Child.Id)); // no zombie either: those are children too
        Assert.InRange(Directory.GetFiles($"/proc/{service.Child.Id}/fd").Length, 1, files + 10); // libraries may have come
        Assert.Equal(0, await service.StopAsync());
    }

    private static string Config(string log) =>
        $$"""
        node: dying
        log: {{log}}
        model: {path: {{TestModel.Folder}}, device: cpu}
        http: {port: 0}
        mqtt: {port: {{Ports.Free()}} }
        cameras:
          cam: {url: "{{Path.Combine(Parts.Root, "configs/demo/clip.mp4")}}", loop: true, hop: 2}
        """;

    private static async Task KillAsync(Service service, string signal = "SEGV")
    {
        var child = Assert.Single(
            Processes.Children(service.Child.Id), child => File.ReadAllText($"/proc/{child}/comm").Trim() == "ffmpeg");
        Processes.Signal(child, signal);
        await service.Child.LineAsync(line => line.Contains("ended by signal", StringComparison.Ordinal), TimeSpan.FromSeconds(10));
    }

    private static async Task DecisionsAsync(Service service, int more)
    {
        var until = await service.MetricAsync("actionstream_decisions_total") + more;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (await service.MetricAsync("actionstream_decisions_total") < until)
        {
            await poll.WaitForNextTickAsync(patience.Token);
        }
    }
}
