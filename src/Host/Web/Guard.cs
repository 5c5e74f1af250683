using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ActionStream.Host.Web;

/// <summary>Stands before every answer: /metrics and /health go to everyone, the rest only to those who may see cameras,
/// and no other site may embed it. Each kind has a limit of its own, so that none keeps another out.</summary>
internal sealed class Guard(HttpOptions options, Access access, HttpMeter meter, TimeProvider time, ILoggerFactory log)
{
    // Together less than ConnectionRoom.Most, so that there is always an idle connection to cut.
    private const int MostOfProbes = 32;
    private const int MostOfMetrics = 32;
    private const int MostOfPages = 96;

    private const string Open = "ActionStream\n\n/metrics\n/health/live\n/health/ready\n";

    private readonly LoginAttempts _attempts = new(meter, time, log.CreateLogger<LoginAttempts>());
    private readonly KnownBrowsers _browsers = new();
    private int _probes;
    private int _metrics;
    private int _pages;

    public async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        using var answer = http.Features.Get<OpenConnection>()?.Answer();
        var isProbe = http.Request.Path.StartsWithSegments("/health");
        var isForOperators = isProbe || http.Request.Path.StartsWithSegments("/metrics");
        if (options.MetricsPort is { } own && own != options.Port && http.Connection.LocalPort == own != isForOperators)
        {
            await AnswerAsync(http, StatusCodes.Status404NotFound, "Nothing is here; /metrics and /health have a port of their own.", "");
        }
        else if (isProbe)
        {
            await WithinAsync(() => Interlocked.Increment(ref _probes) <= MostOfProbes, () => Interlocked.Decrement(ref _probes),
                () => next(http), http);
        }
        else if (isForOperators)
        {
            await WithinAsync(() => Interlocked.Increment(ref _metrics) <= MostOfMetrics, () => Interlocked.Decrement(ref _metrics),
                () => next(http), http);
        }
        else
        {
            await WithinAsync(() => Interlocked.Increment(ref _pages) <= MostOfPages, () => Interlocked.Decrement(ref _pages),
                () => JudgeAsync(http, next), http);
        }
    }

    private async Task WithinAsync(Func<bool> enter, Action leave, Func<Task> answer, HttpContext http)
    {
        try
        {
            if (enter())
            {
                await answer();
                return;
            }

            meter.Refused();
            http.Response.Headers.RetryAfter = "1";
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        }
        finally
        {
            leave();
        }
    }

    private async Task JudgeAsync(HttpContext http, RequestDelegate next)
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy =
            "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        var authorization = http.Request.Headers.Authorization.ToString();
        var from = http.Connection.RemoteIpAddress;
        var isLogin = authorization.Length > 0 && options.IsGuarded;
        if (isLogin && !_browsers.Knows(http.Request) && _attempts.IsSlowed(from))
        {
            headers.RetryAfter = LoginAttempts.Refill.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
            await AnswerAsync(http, StatusCodes.Status429TooManyRequests, "Too many wrong passwords from this address; try again later.");
            return;
        }

        switch (access.Judge(http.Request.Host, isLogin ? authorization : null))
        {
            case Entry.Granted:
                if (isLogin)
                {
                    _browsers.LetIn(http);
                }

                await next(http);
                break;
            case Entry.AskWho:
                if (isLogin)
                {
                    _attempts.Failed(from);
                    await Task.Delay(Access.Pause, time, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }

                headers.WWWAuthenticate = "Basic realm=\"ActionStream\", charset=\"UTF-8\"";
                await AnswerAsync(http, StatusCodes.Status401Unauthorized, "Who is it? A user and a password, or any user and the token.");
                break;
            default:
                await AnswerAsync(
                    http, StatusCodes.Status403Forbidden,
                    options.WhyClosed
                        ?? "Without http.token or a password the live page answers only to this machine, as localhost or 127.0.0.1.");
                break;
        }
    }

    private static async Task AnswerAsync(HttpContext http, int status, string why, string open = Open)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        await http.Response.WriteAsync($"{open}\n{why}\n", http.RequestAborted);
    }
}
