using Microsoft.AspNetCore.Http;

namespace ActionStream.Host.Web;

/// <summary>Stands before every answer: /metrics and /health go to everyone, the rest only to those who may see cameras,
/// and no other site may embed it.</summary>
internal sealed class Guard(HttpOptions options, Access access, TimeProvider time)
{
    private const string Open = "ActionStream\n\n/metrics\n/health/live\n/health/ready\n";

    public async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        if (http.Request.Path.StartsWithSegments("/metrics") || http.Request.Path.StartsWithSegments("/health"))
        {
            await next(http);
            return;
        }

        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy =
            "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        var authorization = http.Request.Headers.Authorization.ToString();
        switch (access.Judge(http.Request.Host, authorization.Length > 0 ? authorization : null))
        {
            case Entry.Granted:
                await next(http);
                break;
            case Entry.AskWho:
                if (authorization.Length > 0)
                {
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

    private static async Task AnswerAsync(HttpContext http, int status, string why)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        await http.Response.WriteAsync($"{Open}\n{why}\n", http.RequestAborted);
    }
}
