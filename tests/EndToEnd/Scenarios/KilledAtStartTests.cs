using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ActionStream.EndToEnd.Support;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Scenarios;

/// <summary>What stays behind when the service is killed in the first moments of its children's lives: nothing.</summary>
public sealed class KilledAtStartTests(ITestOutputHelper output)
{
    private const string Mark = "ACTIONSTREAM_TEST_MARK";

    [NeedsFact("ffmpeg", "setpriv")]
    public Task Killed_within_a_childs_first_300_ms_the_service_leaves_no_process_and_no_file() => KillAsync(times: 12);

    [MeasureFact("ffmpeg", "setpriv")]
    public Task Two_hundred_times_killed_it_leaves_no_process_and_no_file() => KillAsync(times: 200);

    private async Task KillAsync(int times)
    {
        // It takes connections and never answers: a child that waits there ends by itself only after many seconds.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var port = ((IPEndPoint)silent.LocalEndpoint).Port;
        var folder = Directory.CreateTempSubdirectory("killed-").FullName;
        var config = Path.Combine(folder, "site.yaml");
        await File.WriteAllTextAsync(
            config,
            $$"""
            node: killed
            model: {path: {{TestModel.Folder}}, device: cpu}
            http: {port: 0}
            mqtt: {port: {{Ports.Free()}} }
            cameras:
              silent: {url: "rtsp://127.0.0.1:{{port}}/x"}
              two: {url: "rtsp://127.0.0.1:{{port}}/y"}
              test: {url: "lavfi:testsrc2=size=160x120:rate=25"}
            """);
        List<string> left = [];
        for (var i = 0; i < times; i++)
        {
            left.AddRange(
                await KillOnceAsync(config, Directory.CreateDirectory(Path.Combine(folder, $"tmp-{i}")).FullName, 300.0 * i / times));
        }

        output.WriteLine($"{times} kills, {left.Count} left behind {string.Join("; ", left)}");
        Directory.Delete(folder, recursive: true);
        Assert.Empty(left);
    }

    private static async Task<IEnumerable<string>> KillOnceAsync(string config, string temporary, double afterMs)
    {
        var mark = Guid.NewGuid().ToString("N");
        await using var service = new Child(
            Service.Program, ["run", "-c", config], [.. Service.AsLaunched, (Mark, mark), ("TMPDIR", temporary)]);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (Processes.WithEnvironment(Mark, mark).Length < 2) // the first child has just been forked
        {
            Assert.False(service.HasExited, service.All);
            await tick.WaitForNextTickAsync();
        }

        // the moment under test, not a wait for something
        await Task.Delay(TimeSpan.FromMilliseconds(afterMs), TimeProvider.System, CancellationToken.None);
        service.Signal("KILL");
        await service.ExitAsync(TimeSpan.FromSeconds(5));

        var since = TimeProvider.System.GetTimestamp();
        var alive = Processes.WithEnvironment(Mark, mark).Where(Processes.IsAlive).ToArray();
        while (alive.Length > 0 && TimeProvider.System.GetElapsedTime(since) < TimeSpan.FromSeconds(3))
        {
            await tick.WaitForNextTickAsync();
            alive = [.. alive.Where(Processes.IsAlive)];
        }

        return
        [
            .. alive.Select(process => string.Create(CultureInfo.InvariantCulture, $"process {process} after {afterMs:0} ms")),
            .. Directory.EnumerateFileSystemEntries(temporary),
        ];
    }
}
