using ActionStream.Core.Results;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ActionStream.Host.Web.Live;

/// <summary>Where the live page and what it shows are found. Who may ask has been decided before.</summary>
internal sealed class LiveRoutes(LiveView view)
{
    /// <summary>Browsers at once; each holds two connections, and metrics need some too.</summary>
    private const int MostClients = 16;

    private static readonly TimeSpan StillPatience = TimeSpan.FromSeconds(5);

    private int _streams;

    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (var name in PageFiles.Names)
        {
            routes.MapMethods(
                name == "index.html" ? "/" : $"/live/{name}", StatusServer.Reading, http => PageFiles.WriteAsync(name, http));
        }

        routes.MapGet("/live/feed", FeedAsync);
        routes.MapGet("/live/frames", FramesAsync);
        routes.MapMethods("/live/{camera}.jpg", StatusServer.Reading, StillAsync);
        routes.MapMethods("/media/{camera}/{file}", StatusServer.Reading, Kept);
    }

    private async Task FeedAsync(HttpContext http)
    {
        if (view.Meter.Clients >= MostClients)
        {
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        http.Response.ContentType = "text/event-stream; charset=utf-8";
        http.Response.Headers.CacheControl = "no-store";
        await UntilLeftAsync(http, cancel => view.Feed.WriteAsync(http.Response.Body, cancel));
    }

    /// <summary>`cameras` and `attention` are keys with commas between.</summary>
    private async Task FramesAsync(HttpContext http)
    {
        var keys = Keys(http.Request.Query["cameras"]).Distinct(StringComparer.Ordinal).ToList();
        if (keys.Count is 0 or > byte.MaxValue || !keys.TrueForAll(view.Feed.Knows))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        if (Interlocked.Increment(ref _streams) > MostClients)
        {
            Interlocked.Decrement(ref _streams);
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        var snapshots = new FrameStream(
            [.. keys.Select(view.Encoder.Camera)], Keys(http.Request.Query["attention"]).ToHashSet(StringComparer.Ordinal),
            missed => view.Meter.Skipped.Add(missed));
        view.Encoder.Add(snapshots);
        try
        {
            http.Response.ContentType = "application/octet-stream";
            http.Response.Headers.CacheControl = "no-store";
            await UntilLeftAsync(http, cancel => snapshots.WriteAsync(http.Response.Body, cancel));
        }
        finally
        {
            view.Encoder.Remove(snapshots);
            Interlocked.Decrement(ref _streams);
        }
    }

    /// <summary>One frame of one camera, for whoever wants no page.</summary>
    private async Task StillAsync(HttpContext http, string camera)
    {
        if (!Slug.IsSlug(camera) || !view.Feed.Knows(camera))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, view.Closing);
        patience.CancelAfter(StillPatience);
        try
        {
            var frame = await view.Encoder.StillAsync(camera, patience.Token);
            http.Response.ContentType = "image/jpeg";
            http.Response.Headers.CacheControl = "no-store";
            http.Response.ContentLength = frame.Jpeg.Length;
            await http.Response.Body.WriteAsync(frame.Jpeg, http.RequestAborted);
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable; // the camera sends nothing
        }
    }

    // Asked for again each time: a better frame of the same event comes under the same name.
    private IResult Kept(HttpContext http, string camera, string file)
    {
        http.Response.Headers.CacheControl = "private, no-cache";
        return view.Media?.Find(camera, file) is { } path
            ? Results.File(
                path, path.EndsWith(".mp4", StringComparison.Ordinal) ? "video/mp4" : "image/jpeg",
                lastModified: File.GetLastWriteTimeUtc(path),
                enableRangeProcessing: true) // browsers seek in clips
            : Results.NotFound();
    }

    // Leaving is how these answers end.
    private async Task UntilLeftAsync(HttpContext http, Func<CancellationToken, Task> write)
    {
        using var left = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, view.Closing);
        try
        {
            await write(left.Token);
        }
        catch (Exception gone) when (left.IsCancellationRequested && gone is OperationCanceledException or IOException)
        {
            // The browser left, or we do.
        }
    }

    private static string[] Keys(string? list) => list?.Split(',', StringSplitOptions.RemoveEmptyEntries) ?? [];
}
