using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Scenarios;

/// <summary>What may happen while the service starts: it is told to stop, or it may not write where it wants to.</summary>
public sealed class StartTests : IDisposable
{
    private const string Mark = "ACTIONSTREAM_TEST_MARK";

    private readonly string _folder = Directory.CreateTempSubdirectory("start-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [NeedsFact("ffmpeg", "setpriv")]
    public async Task Told_to_stop_at_any_moment_of_its_start_it_leaves_soon_with_exit_code_0_and_nothing_behind()
    {
        var config = Path.Combine(_folder, "site.yaml");
        await File.WriteAllTextAsync(config, Config(spool: _folder));
        foreach (var afterMs in (int[])[100, 300, 500, 700, 1000, 1400])
        {
            var mark = Guid.NewGuid().ToString("N");
            await using var service = new Child(
                Service.Program, ["run", "-c", config], [.. Service.AsLaunched, (Mark, mark), ("TMPDIR", _folder)]);

            // the moment under test, not a wait for something
            await Task.Delay(TimeSpan.FromMilliseconds(afterMs), TimeProvider.System, CancellationToken.None);
            service.Signal("TERM");
            var code = await service.ExitAsync(TimeSpan.FromSeconds(10));

            // 143: before the first line of ours ran, when the signal still means what it means to every program.
            Assert.True(code == 0 || (code == 143 && service.Lines.Count == 0), $"{afterMs} ms: exit code {code}\n{service.All}");
            Assert.DoesNotContain("   at ", service.All, StringComparison.Ordinal);
            Assert.DoesNotContain(Processes.WithEnvironment(Mark, mark), Processes.IsAlive);
        }
    }

    [NeedsFact("ffmpeg", "setpriv", "root", "namespaces")]
    public async Task Where_its_state_cannot_be_written_it_says_so_once_and_decides_all_the_same()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "state")).FullName;
        await using var service = await Service.StartAsync(
            Config(spool: folder), ["unshare", "--mount", "sh", "-c", $"mount -t tmpfs -o ro tmpfs {folder} && exec \"$@\"", "sh"]);

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (await service.MetricAsync("actionstream_decisions_total") < 3)
        {
            await poll.WaitForNextTickAsync(patience.Token);
        }

        Assert.Single(service.Child.Lines, line => line.Contains("Read-only file system", StringComparison.Ordinal));
        Assert.Equal(0, await service.StopAsync());
        Assert.DoesNotContain("   at ", service.Child.All, StringComparison.Ordinal);
    }

    private static string Config(string spool) =>
        $$"""
        node: start
        model: {path: {{TestModel.Folder}}, device: cpu}
        http: {port: 0}
        mqtt: {port: {{Ports.Free()}}, spool: {path: {{spool}} } }
        cameras:
          one: {url: "lavfi:testsrc2=size=160x120:rate=25", hop: 2}
          two: {url: "lavfi:testsrc2=size=160x120:rate=25", hop: 2}
        """;
}
