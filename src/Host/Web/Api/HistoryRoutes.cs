using System.Globalization;
using ActionStream.Core.Configuration;
using ActionStream.Host.History;
using ActionStream.Host.Output;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ActionStream.Host.Web.Api;

/// <summary>The history for other programs and for the page: read only, as JSON. Who may ask has been decided before.</summary>
/// <remarks>Each answer opens the file for a moment, so that nobody who reads slowly holds up the writer.</remarks>
internal sealed class HistoryRoutes(HistoryOptions options, TimeProvider time)
{
    /// <summary>Decisions in one answer at most: some two hours of a camera.</summary>
    internal const int MostScores = 20_000;

    private const int MostAtOnce = 8;

    private int _asking;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/api/history/events", StatusServer.Reading, http => AnswerAsync(http, Events));
        routes.MapMethods("/api/history/events/{id}", StatusServer.Reading, http => AnswerAsync(http, Event));
        routes.MapMethods("/api/history/scores", StatusServer.Reading, http => AnswerAsync(http, Scores));
    }

    private object Events(HistoryReader history, HttpRequest request)
    {
        HistoryCursor? after = null;
        if (Text(request, "cursor") is { } typed)
        {
            after = HistoryCursor.TryParse(typed, out var cursor) ? cursor : throw Bad("cursor", typed, "the next of the page before");
        }

        var limit = 100;
        if (Text(request, "limit") is { } number
            && (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out limit)
                || limit is < 1 or > HistoryQuery.MostAtOnce))
        {
            throw Bad("limit", number, $"1 to {HistoryQuery.MostAtOnce}");
        }

        var nearMisses = Text(request, "near_misses") switch
        {
            null or "false" => false,
            "true" => true,
            var other => throw Bad("near_misses", other, "true or false"),
        };
        var found = history.Events(new(
            Text(request, "camera"), Text(request, "label"), Time(request, "from"), Time(request, "to"), nearMisses, after, limit));
        return new { Events = found, Next = found.Count == limit ? found[^1].Cursor.ToString() : null };
    }

    private static object Event(HistoryReader history, HttpRequest request) =>
        history.Find((string)request.RouteValues["id"]!) is { } found
            ? found
            : throw new BadHttpRequestException("there is no event of that id", StatusCodes.Status404NotFound);

    private object Scores(HistoryReader history, HttpRequest request)
    {
        var stream = Text(request, "stream") ?? throw Bad("stream", "missing", "a camera's key");
        var from = Time(request, "from") ?? throw Bad("from", "missing", "a time");
        var curves = history.Scores(stream, from, Time(request, "to") ?? time.GetUtcNow(), Text(request, "label"), MostScores);
        return new { Stream = stream, Curves = curves, IsCut = curves.Sum(curve => curve.Times.Count) == MostScores };
    }

    private async Task AnswerAsync(HttpContext http, Func<HistoryReader, HttpRequest, object> ask)
    {
        var (code, answer) = (StatusCodes.Status200OK, "");
        if (!options.IsOn)
        {
            (code, answer) = (StatusCodes.Status404NotFound, Problem("there is no history; history.path names none"));
        }
        else
        {
            try
            {
                if (Interlocked.Increment(ref _asking) > MostAtOnce)
                {
                    throw new BadHttpRequestException("too many ask at once; again in a moment", StatusCodes.Status503ServiceUnavailable);
                }

                using var history = new HistoryReader(options.Path);
                answer = AnswerJson.Line(ask(history, http.Request));
            }
            catch (BadHttpRequestException bad)
            {
                (code, answer) = (bad.StatusCode, Problem(bad.Message));
            }
            catch (HistoryException broken)
            {
                (code, answer) = (StatusCodes.Status503ServiceUnavailable, Problem(broken.Message));
            }
            finally
            {
                Interlocked.Decrement(ref _asking);
            }
        }

        http.Response.StatusCode = code;
        http.Response.ContentType = "application/json; charset=utf-8";
        http.Response.Headers.CacheControl = "no-store";
        await http.Response.WriteAsync(answer, http.RequestAborted);
    }

    private DateTimeOffset? Time(HttpRequest request, string name) => Text(request, name) is not { } typed
        ? null
        : HistoryTime.TryParse(typed, time, out var parsed)
            ? parsed
            : throw Bad(name, typed, "a time such as 2026-05-01T22:00:00Z, Unix seconds, or how long ago, such as 2h");

    private static string? Text(HttpRequest request, string name) => request.Query[name].ToString() is { Length: > 0 } text ? text : null;

    private static BadHttpRequestException Bad(string name, string seen, string expected) =>
        new($"{name} is {SafeUri.Scrub(seen)}; expected {expected}");

    private static string Problem(string problem) => AnswerJson.Line(new { Problem = problem });
}
