using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ActionStream.EndToEnd.Support;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Scenarios;

/// <summary>One good camera in a crowd of dead ones: nobody else pays for them.</summary>
public sealed class DeadCamerasTests(ITestOutputHelper output)
{
    private const int Silent = 48;
    private const int Refusing = 500;

    [NeedsFact("ffmpeg", "mosquitto", "mosquitto_sub", "rtsp", "setpriv")]
    public async Task A_good_camera_is_up_and_back_in_five_seconds_beside_548_dead_ones_whose_children_cost_nothing()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0); // what the kernel accepts for us is silent enough
        silent.Start(backlog: 1024);
        await using var broker = await Mosquitto.StartAsync();
        await using var listener = await Listener.StartAsync(broker.Port, "+/good/status");
        await using var camera = await RtspCamera.StartAsync();
        var closed = Ports.Free();
        var cameras = new StringBuilder();
        Add(cameras, "silent", Silent, ((IPEndPoint)silent.LocalEndpoint).Port);
        Add(cameras, "refusing", Refusing, closed);

        // What this machine, busy as it may be, needs for one camera without neighbours.
        double alone;
        await using (var single = await StartAsync(broker, "", camera))
        {
            alone = await UpAsync(single, Now());
            Assert.Equal(0, await single.StopAsync());
        }

        await using var service = await StartAsync(broker, cameras.ToString(), camera);
        var began = Now();
        var before = ChildSeconds(service.Child.Id);
        var up = await UpAsync(service, began);
        await OnlineAsync(listener, began);

        await Task.Delay(TimeSpan.FromSeconds(12), TimeProvider.System); // the span that is measured
        var children = Processes.Children(service.Child.Id);
        var reader = children.Single(child => IsOf(child, camera.Url));
        var decoder = children.MaxBy(CpuSeconds);
        var seconds = Now() - began;
        var cores = (ChildSeconds(service.Child.Id) - before - CpuSeconds(reader) - CpuSeconds(decoder)) / seconds;
        var (handles, threads) = (
            Directory.GetFileSystemEntries($"/proc/{service.Child.Id}/fd").Length,
            Directory.GetFileSystemEntries($"/proc/{service.Child.Id}/task").Length);

        await using (var late = await Listener.StartAsync(broker.Port, "+/+/status"))
        {
            foreach (var (name, reason) in new[] { ("silent0", "timeout"), ("refusing0", "refused") })
            {
                var told = await late.NextAsync(
                    message => message.Retained && message.Topic == $"actionstream/{name}/status", TimeSpan.FromSeconds(10));
                Assert.Equal(
                    ("offline", reason), (told.Json.GetProperty("state").GetString(), told.Json.GetProperty("reason").GetString()));
            }
        }

        Assert.Equal("ready", (await service.GetAsync("/health/ready"))[..5]);
        var cutAt = Now();
        Processes.Signal(reader, "KILL");
        var back = (await OnlineAsync(listener, cutAt)).ReceivedAt - cutAt;

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"alone up after {alone:0.0} s, in the crowd after {up:0.0} s, back after {back:0.0} s, "
            + $"children of the dead {cores:0.000} core over {seconds:0} s, "
            + $"{handles} handles, {threads} threads"));
        Assert.InRange(up, 0, Math.Max(5, 2.5 * alone));
        Assert.InRange(back, 0, Math.Max(5, 2.5 * alone));
        Assert.InRange(cores, 0, 0.05);
        Assert.InRange(handles, 0, 400);
        Assert.InRange(threads, 0, 100);
        Assert.Equal(0, await service.StopAsync());
    }

    private static Task<Service> StartAsync(Mosquitto broker, string others, RtspCamera good) => Service.StartAsync(
        $$"""
        node: crowd
        model: {path: {{TestModel.Folder}}, device: cpu}
        http: {port: 0}
        mqtt: {host: 127.0.0.1, port: {{broker.Port}} }
        defaults: {hop: 16}
        cameras:
        {{others}}
          good: {url: "{{good.Url}}"}
        """);

    private static void Add(StringBuilder cameras, string name, int count, int port)
    {
        for (var i = 0; i < count; i++)
        {
            cameras.Append(CultureInfo.InvariantCulture, $"  {name}{i}: {{url: \"rtsp://127.0.0.1:{port}/{i}\"}}\n");
        }
    }

    /// <summary>Seconds until its frames arrive; when subscribers hear of it depends on what else there is to tell them.</summary>
    private static async Task<double> UpAsync(Service service, double since)
    {
        while (await service.MetricAsync("actionstream_camera_up", "camera=\"good\"") < 1)
        {
            Assert.True(Now() - since < 150, "it never came");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }

        return Now() - since;
    }

    private static Task<Listener.Message> OnlineAsync(Listener listener, double since) => listener.NextAsync(
        message => message.ReceivedAt > since && message.Json.GetProperty("state").GetString() == "online", TimeSpan.FromSeconds(150));

    /// <summary>What all children took, those that have ended too.</summary>
    private static double ChildSeconds(int service) =>
        Fields(service, 13, 14) + Processes.Children(service).Sum(CpuSeconds);

    private static double CpuSeconds(int process) => Fields(process, 11, 12, 13, 14);

    private static bool IsOf(int child, string url)
    {
        try
        {
            return File.ReadAllText($"/proc/{child}/cmdline").Contains(url, StringComparison.Ordinal);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Sums of /proc/PID/stat, counted after the name: 11 and 12 are the process, 13 and 14 its reaped children.</summary>
    private static double Fields(int process, params int[] fields)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            var words = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields.Sum(field => double.Parse(words[field], CultureInfo.InvariantCulture)) / 100;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    private static double Now() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
}
