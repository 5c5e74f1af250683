using System.Net;
using System.Net.Sockets;
using ActionStream.Core.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ActionStream.Host.Web;

/// <summary>Answers /metrics, /health/live and /health/ready, what Prometheus and orchestrators see of us; and the
/// live page to those who may see it.</summary>
internal sealed class StatusServer : IAsyncDisposable
{
    /// <summary>What browsers and monitors ask with; HEAD is GET without the answer's body.</summary>
    internal static readonly string[] Reading = ["GET", "HEAD"];

    /// <summary>How long a reader of /metrics may take: as long as Prometheus waits for a whole scrape unless told otherwise.</summary>
    internal static readonly TimeSpan ReadPatience = TimeSpan.FromSeconds(10);

    private readonly WebApplication _application;

    private StatusServer(WebApplication application, int port) => (_application, Port) = (application, port);

    /// <summary>The port it really listens on.</summary>
    public int Port { get; }

    /// <param name="writeMetrics">Writes the text exposition, format 0.0.4.</param>
    /// <exception cref="ConfigException">The address cannot be had: the port is taken, or not ours to take.</exception>
    /// <param name="map">Adds what only those may see who may see cameras.</param>
    /// <param name="time">By which slow readers are cut; the system's where it is null.</param>
    public static async Task<StatusServer> StartAsync(
        HttpOptions options, Func<Stream, CancellationToken, Task> writeMetrics, Health health, Action<IEndpointRouteBuilder> map,
        HttpMeter meter, ILoggerFactory log, CancellationToken cancel, TimeProvider? time = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [] });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>(); // signals belong to the verb that runs us
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.RequestHeadersTimeout = ConnectionRoom.Patience;
            kestrel.Limits.KeepAliveTimeout = ConnectionRoom.Patience; // also to the first letter of the first request
            kestrel.Limits.MaxRequestBodySize = 64 * 1024;
            foreach (var port in options.Ports)
            {
                var room = new ConnectionRoom(meter, TimeProvider.System);
                kestrel.Listen(IPAddress.Parse(options.Address), port, listen =>
                {
                    listen.Protocols = HttpProtocols.Http1;
                    listen.Use((ConnectionContext connection, ConnectionDelegate next) => room.HoldAsync(connection, next));
                });
            }
        });

        var application = builder.Build();
        var guard = new Guard(options, new Access(options), meter, TimeProvider.System, log);
        application.Use((HttpContext http, RequestDelegate next) => guard.InvokeAsync(http, next));
        application.MapMethods("/metrics", Reading, async (HttpContext http) =>
        {
            // To memory first: whoever reads slowly keeps nobody else waiting.
            using var page = new MemoryStream();
            await writeMetrics(page, http.RequestAborted);
            http.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
            http.Response.ContentLength = page.Length;
            await WriteAsync(http, page.GetBuffer().AsMemory(0, (int)page.Length), time ?? TimeProvider.System);
        });
        application.MapMethods("/health/live", Reading, () => Answer(health.IsLive, health));
        application.MapMethods("/health/ready", Reading, () => Answer(health.IsReady, health));
        map(application);
        try
        {
            await application.StartAsync(cancel);
        }
        catch (Exception taken) when (taken is IOException or SocketException or UnauthorizedAccessException)
        {
            await application.DisposeAsync();
            throw new PortTakenException(options, taken);
        }

        var port = application.Urls.Select(url => new Uri(url).Port).First(port => port != options.MetricsPort || options.Ports.Count == 1);
        return new(application, port);
    }

    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _application.StopAsync(patience.Token);
        await _application.DisposeAsync();
    }

    // Who trickles it holds one of few places, and would hold it for as long as he likes.
    private static async Task WriteAsync(HttpContext http, ReadOnlyMemory<byte> page, TimeProvider time)
    {
        using var late = new CancellationTokenSource(ReadPatience, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(late.Token, http.RequestAborted);
        try
        {
            await http.Response.Body.WriteAsync(page, end.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            http.Abort();
        }
    }

    private static IResult Answer(bool isFine, Health health) =>
        Results.Text(
            SafeUri.Scrub($"{health.State}\n{health.Notes}"),
            statusCode: isFine ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

/// <summary>The address for /metrics cannot be had.</summary>
internal sealed class PortTakenException(HttpOptions options, Exception inner) : Exception(
    $"http: cannot listen on {options.Address}:{string.Join(" and ", options.Ports)} ({Reason(inner)}); "
    + "choose another http.port or stop what uses it", inner)
{
    private static string Reason(Exception inner) =>
        (inner as SocketException ?? inner.InnerException as SocketException
            ?? inner.InnerException?.InnerException as SocketException)?.SocketErrorCode switch
        {
            SocketError.AddressAlreadyInUse => "it is in use",
            SocketError.AccessDenied => "permission denied",
            SocketError.AddressNotAvailable => "this machine has no such address",
            _ => inner.Message,
        };
}
