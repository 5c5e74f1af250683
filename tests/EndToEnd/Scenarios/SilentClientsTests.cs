using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ActionStream.EndToEnd.Support;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Scenarios;

/// <summary>Clients that connect and say nothing, or half a request: what probes and Prometheus see of it, and what becomes of them.</summary>
public sealed class SilentClientsTests(ITestOutputHelper output)
{
    private const int Many = 80;

    [Fact]
    public async Task Eighty_silent_connections_and_half_sent_headers_delay_nobody_and_are_cut_in_seconds()
    {
        await using var service = await Service.StartAsync(
            $$"""
            node: test
            model: {path: "{{TestModel.Folder}}", device: cpu}
            http: {port: 0}
            mqtt: {port: {{Ports.Free()}}}
            cameras: {a: {url: "rtsp://127.0.0.1:{{Ports.Free()}}/x"} }
            """);
        var silent = new List<TcpClient>();
        for (var i = 0; i < 2 * Many; i++)
        {
            var one = new TcpClient();
            await one.ConnectAsync(IPAddress.Loopback, service.Http.Port);
            if (i % 2 == 0)
            {
                await one.GetStream().WriteAsync("GET /metrics HTTP/1.1\r\nHost: x\r\nX-Half:"u8.ToArray());
            }

            silent.Add(one);
        }

        var opened = Stopwatch.GetTimestamp();
        foreach (var path in (string[])["/health/live", "/health/ready", "/metrics", "/"])
        {
            var since = Stopwatch.GetTimestamp();
            await service.GetAsync(path);
            var took = Stopwatch.GetElapsedTime(since);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{path} after {took.TotalMilliseconds:0} ms"));
            Assert.True(took < TimeSpan.FromSeconds(1), $"{path} took {took}");
        }

        await Task.WhenAll(silent.Select(EndAsync));
        var cut = Stopwatch.GetElapsedTime(opened);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"all cut after {cut.TotalSeconds:0.0} s"));
        Assert.True(cut < TimeSpan.FromSeconds(15), $"cut after {cut}");
        using var counted = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await service.MetricAsync("actionstream_http_connections_cut_total", "reason=\"silent\"") < 2 * Many)
        {
            Assert.True(await poll.WaitForNextTickAsync(counted.Token));
        }

        silent.ForEach(one => one.Dispose());
        Assert.Equal(0, await service.StopAsync());
    }

    // Until the other side closes; it may say why before.
    private static async Task EndAsync(TcpClient client)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var bytes = new byte[1024];
        try
        {
            while (await client.GetStream().ReadAsync(bytes, patience.Token) > 0)
            {
            }
        }
        catch (IOException)
        {
            // Cut hard, which is as good.
        }
    }
}
