using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using ActionStream.Core.Configuration;
using ActionStream.Host.Web;
using ActionStream.Unit.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionStream.Unit.Host.Web;

/// <summary>The real server on loopback, asked as monitors, guessers and those who say nothing ask.</summary>
public sealed class StatusServerTests : IAsyncDisposable
{
    private readonly Meter _meter = new("test");
    private readonly MeterCounts _counts;
    private StatusServer? _server;

    public StatusServerTests() => _counts = new(_meter);

    public async ValueTask DisposeAsync()
    {
        await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);
        _counts.Dispose();
        _meter.Dispose();
    }

    private async Task StartAsync(HttpOptions? options = null, int pageSize = 7, TimeProvider? time = null)
    {
        var health = new Health();
        health.Ready();
        _server = await StatusServer.StartAsync(
            (options ?? new()) with { Port = 0 }, (to, cancel) => to.WriteAsync(new byte[pageSize], cancel).AsTask(), health,
            routes => routes.MapMethods("/", StatusServer.Reading, () => "page"), new HttpMeter(_meter),
            NullLoggerFactory.Instance, default, time);
    }

    private HttpClient Client(string from = "127.0.0.1", string? token = null)
    {
        var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancel) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
                await socket.ConnectAsync(context.DnsEndPoint, cancel);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        { BaseAddress = new($"http://127.0.0.1:{_server!.Port}") };
        client.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    [Theory]
    [InlineData(80)]
    [InlineData(ConnectionRoom.Most + 100)]
    public async Task Silent_connections_and_half_sent_headers_keep_nobody_out(int many)
    {
        await StartAsync();
        var silent = new List<TcpClient>();
        for (var i = 0; i < many; i++)
        {
            var one = new TcpClient();
            await one.ConnectAsync(IPAddress.Loopback, _server!.Port);
            if (i % 2 == 0)
            {
                await one.GetStream().WriteAsync("GET /metrics HTTP/1.1\r\nHost: x\r\nX-Half:"u8.ToArray());
            }

            silent.Add(one);
        }

        using var client = Client();
        foreach (var path in (string[])["/health/ready", "/metrics", "/health/live", "/"])
        {
            var since = Stopwatch.GetTimestamp();
            using var answer = await client.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(2), $"{path} took {Stopwatch.GetElapsedTime(since)}");
        }

        Assert.InRange(_counts.Sum("actionstream.http.connections.cut"), Math.Max(0, many - ConnectionRoom.Most), many);
        silent.ForEach(one => one.Dispose());
    }

    [Fact]
    public async Task Readers_that_never_read_keep_no_probe_out_and_Prometheus_for_ten_seconds_at_most()
    {
        var clock = new FakeClock();
        await StartAsync(pageSize: 4 * 1024 * 1024, time: clock); // more than the system keeps for them
        var slow = new List<TcpClient>();
        for (var i = 0; i < 33; i++)
        {
            var one = new TcpClient { ReceiveBufferSize = 4096 };
            await one.ConnectAsync(IPAddress.Loopback, _server!.Port);
            await one.GetStream().WriteAsync("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
            slow.Add(one);
        }

        using var client = Client();
        await UntilAsync(client, HttpStatusCode.ServiceUnavailable);
        foreach (var path in (string[])["/health/ready", "/health/live"])
        {
            using var answer = await client.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        clock.Advance(StatusServer.ReadPatience);
        await UntilAsync(client, HttpStatusCode.OK);
        slow.ForEach(one => one.Dispose());
    }

    // Those who hold places come and go on other threads.
    private static async Task UntilAsync(HttpClient client, HttpStatusCode status)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            using var answer = await client.SendAsync(
                new(HttpMethod.Head, "/metrics"), HttpCompletionOption.ResponseHeadersRead, patience.Token);
            if (answer.StatusCode == status)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), patience.Token);
        }
    }

    [Theory]
    [InlineData("/metrics")]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/")]
    public async Task HEAD_is_GET_without_the_body(string path)
    {
        await StartAsync();
        using var client = Client();
        using var head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));
        using var get = await client.GetAsync(path);
        Assert.Equal(get.StatusCode, head.StatusCode);
        Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Guesses_are_counted_and_slowed_and_hinder_nobody_at_another_address_and_no_browser_that_was_let_in()
    {
        await StartAsync(new() { Token = Secret.Parse("correct-horse-battery") });
        using var before = Client("127.0.0.3", "correct-horse-battery"); // shares its address with the guesser, as behind a proxy
        using var letIn = await before.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, letIn.StatusCode);

        using var guesser = Client("127.0.0.3", "wrong-horse-battery");
        var answers = await Task.WhenAll(Enumerable.Range(0, 80).Select(async _ => (await guesser.GetAsync("/")).StatusCode));
        var looked = answers.Count(answer => answer == HttpStatusCode.Unauthorized);
        Assert.InRange(looked, LoginAttempts.Free, LoginAttempts.Free + 15);
        Assert.All(answers, answer => Assert.True(answer is HttpStatusCode.Unauthorized or HttpStatusCode.TooManyRequests, $"{answer}"));
        Assert.Equal(80, _counts.Sum("actionstream.http.logins.failed"));

        using var lucky = Client("127.0.0.3", "correct-horse-battery");
        using var notLooked = await lucky.GetAsync("/");
        Assert.Equal(HttpStatusCode.TooManyRequests, notLooked.StatusCode); // else its haste would tell
        using var again = await before.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        using var other = Client("127.0.0.4", "correct-horse-battery");
        using var unhindered = await other.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, unhindered.StatusCode);
    }

    [Fact]
    public async Task Metrics_and_health_on_a_port_of_their_own_answer_there_and_only_there()
    {
        var own = Free();
        await StartAsync(new() { MetricsPort = own });
        Assert.NotEqual(own, _server!.Port);
        using var client = Client();
        foreach (var (path, isForOperators) in ((string, bool)[])[("/metrics", true), ("/health/ready", true), ("/", false)])
        {
            using var pages = await client.GetAsync(path);
            using var operators = await client.GetAsync($"http://127.0.0.1:{own}{path}");
            Assert.Equal(isForOperators ? HttpStatusCode.NotFound : HttpStatusCode.OK, pages.StatusCode);
            Assert.Equal(isForOperators ? HttpStatusCode.OK : HttpStatusCode.NotFound, operators.StatusCode);
        }
    }

    private static int Free()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
