using System.Globalization;
using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Scenarios;

/// <summary>Limits on open files: raised where they may be, refused in one line where they are too low, waited for where they
/// run out later.</summary>
public sealed class FewFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("few-files").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [NeedsTheory("prlimit", "ffmpeg")]
    [InlineData(64, 8)]
    [InlineData(256, 8)]
    [InlineData(400, 48)]
    public async Task A_hard_limit_that_is_too_low_is_refused_with_numbers(int limit, int cameras)
    {
        var config = Path.Combine(_folder, "site.yaml");
        await File.WriteAllTextAsync(config, Config(cameras));
        await using var child = new Child(
            "prlimit", [$"--nofile={limit}:{limit}", Service.Program, "run", "-c", config], Service.AsLaunched);

        var code = await child.ExitAsync(TimeSpan.FromSeconds(20));

        Assert.True(code == 2, $"exit code {code}:\n{child.All}");
        var line = Assert.Single(child.Lines);
        Assert.Contains($"this process may open {limit} files, and ", line, StringComparison.Ordinal);
        Assert.Contains("Raise the hard limit", line, StringComparison.Ordinal);
    }

    [NeedsFact("prlimit", "ffmpeg", "setpriv")]
    public async Task A_soft_limit_is_raised_to_the_hard_one_and_children_have_few()
    {
        await using var service = await Service.StartAsync(Config(8), ["prlimit", "--nofile=64:1024"]);
        await DecisionsAsync(service, more: 3);

        Assert.Equal((1024, 1024), Limits(service.Child.Id));
        Assert.All(Ffmpegs(service), child => Assert.Equal((256, 1024), Limits(child)));
        Assert.InRange(Directory.GetFiles($"/proc/{service.Child.Id}/fd").Length, 1, 600 - 32); // what it counted on, less the spare
        Assert.Equal(0, await service.StopAsync());
    }

    [NeedsFact("prlimit", "ffmpeg", "setpriv")]
    public async Task Cameras_that_are_added_beyond_the_limit_are_refused_and_the_others_run_on()
    {
        await using var service = await Service.StartAsync(Config(4), ["prlimit", "--nofile=600:600"]);

        service.Replace(Config(30));

        await service.Child.LineAsync(
            line => line.Contains("may open 600 files, and 666 are needed", StringComparison.Ordinal), TimeSpan.FromSeconds(10));
        Assert.Equal(0, await service.MetricAsync("actionstream_config_last_reload_success"));
        Assert.Equal(4, Ffmpegs(service).Length);
        await DecisionsAsync(service, more: 3);
        Assert.Equal(0, await service.StopAsync());
    }

    [NeedsFact("prlimit", "ffmpeg", "setpriv")]
    public async Task Files_that_run_out_while_it_runs_make_cameras_wait_readiness_says_so_and_SIGTERM_still_ends_it()
    {
        await using var service = await Service.StartAsync(Config(2));
        await DecisionsAsync(service, more: 3);
        Assert.Equal(200, (await service.ReadinessAsync()).Code);

        await LimitAsync(service, Open(service) + 20);
        Processes.Signal(Ffmpegs(service)[0], "SEGV");

        var answer = await UntilAsync(service, code: 503);
        Assert.Contains("cameras wait for files", answer, StringComparison.Ordinal);
        Assert.True(await service.MetricAsync("actionstream_camera_reconnects_total", "reason=\"host_limit\"") > 0);
        Assert.StartsWith("short", await service.GetAsync("/health/live"), StringComparison.Ordinal); // not a reason to restart it
        await DecisionsAsync(service, more: 3); // the other camera's

        await LimitAsync(service, 4096);
        await UntilAsync(service, code: 200);
        await DecisionsAsync(service, more: 3);

        await LimitAsync(service, Open(service));
        Assert.Equal(0, await service.StopAsync());
        Assert.DoesNotContain("   at ", service.Child.All, StringComparison.Ordinal);
    }

    private static string Config(int cameras) =>
        $$"""
        node: few
        model: {path: {{TestModel.Folder}}, device: cpu}
        http: {port: 0}
        mqtt: {port: {{Ports.Free()}} }
        defaults: {hop: 8, loop: true}
        cameras:
        {{string.Join('\n', Enumerable.Range(0, cameras).Select(i =>
            $"  cam{i}: {{url: \"{Path.Combine(Parts.Root, "configs/demo/clip.mp4")}\"}}"))}}

        """;

    private static int[] Ffmpegs(Service service) =>
        [.. Processes.Children(service.Child.Id).Where(child => File.ReadAllText($"/proc/{child}/comm").Trim() == "ffmpeg")];

    private static int Open(Service service) => Directory.GetFiles($"/proc/{service.Child.Id}/fd").Length;

    private static async Task LimitAsync(Service service, int files)
    {
        await using var prlimit = new Child(
            "prlimit",
            [
                "--pid", service.Child.Id.ToString(CultureInfo.InvariantCulture),
                string.Create(CultureInfo.InvariantCulture, $"--nofile={files}:"),
            ]);
        Assert.Equal(0, await prlimit.ExitAsync(TimeSpan.FromSeconds(5)));
    }

    private static (int Soft, int Hard) Limits(int process)
    {
        var words = File.ReadLines($"/proc/{process}/limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (int.Parse(words[3], CultureInfo.InvariantCulture), int.Parse(words[4], CultureInfo.InvariantCulture));
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

    private static async Task<string> UntilAsync(Service service, int code)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (true)
        {
            var (now, answer) = await service.ReadinessAsync();
            if (now == code)
            {
                return answer;
            }

            await poll.WaitForNextTickAsync(patience.Token);
        }
    }
}
