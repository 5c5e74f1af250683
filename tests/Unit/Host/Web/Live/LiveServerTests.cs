using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using ActionStream.Core.Configuration;
using ActionStream.Core.Media;
using ActionStream.Host.Web;
using ActionStream.Host.Web.Live;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionStream.Unit.Host.Web.Live;

/// <summary>The real server on loopback, asked as browsers and strangers ask.</summary>
public sealed partial class LiveServerTests : IAsyncDisposable
{
    private readonly Meter _meter = new("test");
    private readonly LiveView _view;
    private readonly HttpClient _client = new();
    private StatusServer? _server;

    public LiveServerTests()
    {
        _view = new("edge", _meter, TimeProvider.System, NullLoggerFactory.Instance);
        _view.Feed.Show("front", "Front door", 0.6);
    }

    public async ValueTask DisposeAsync()
    {
        _view.Close();
        await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);
        _view.Dispose();
        _client.Dispose();
        _meter.Dispose();
    }

    private async Task Start(HttpOptions? options = null)
    {
        var health = new Health();
        health.Ready();
        _server = await StatusServer.StartAsync(
            (options ?? new()) with { Port = 0 }, (to, cancel) => to.WriteAsync("metrics"u8.ToArray(), cancel).AsTask(), health,
            new LiveRoutes(_view).Map, new HttpMeter(_meter), NullLoggerFactory.Instance, default);
        _client.BaseAddress = new($"http://127.0.0.1:{_server.Port}");
    }

    [Fact]
    public async Task The_page_asks_nothing_of_anyone_else_and_runs_no_script_of_its_own()
    {
        await Start();
        using var answer = await _client.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.StartsWith("default-src 'self'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("same-origin", answer.Headers.GetValues("Cross-Origin-Resource-Policy").Single());
        var page = await answer.Content.ReadAsStringAsync();
        Assert.DoesNotMatch(@"style=|onclick=|<script(?! type=""module"" src)", page);

        var files = new List<string> { page };
        foreach (var name in PageFiles.Names.Where(name => name != "index.html"))
        {
            files.Add(await _client.GetStringAsync($"/live/{name}"));
        }

        Assert.True(files.Count >= 8, $"{files.Count} files");
        Assert.All(files, text => Assert.DoesNotMatch(@"https?://(?!www\.w3\.org/2000/svg)", text));

        // Whatever it names is there.
        foreach (Match named in LocalAddress().Matches(page))
        {
            using var there = await _client.GetAsync(named.Groups[1].Value);
            Assert.True(there.IsSuccessStatusCode, $"{named.Groups[1].Value}: {there.StatusCode}");
        }
    }

    [Fact]
    public async Task A_page_that_has_not_changed_is_not_sent_again()
    {
        await Start();
        using var first = await _client.GetAsync("/live/page.js");
        using var again = new HttpRequestMessage(HttpMethod.Get, "/live/page.js");
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var second = await _client.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/live/feed")]
    [InlineData("/live/frames?cameras=front")]
    [InlineData("/live/front.jpg")]
    [InlineData("/media/front/front-20260101T101502.001Z-7f3a.jpg")]
    public async Task With_a_token_strangers_get_nothing_but_metrics_and_health(string path)
    {
        await Start(new HttpOptions { Token = new Secret("correct-horse-battery") });
        using var stranger = await _client.GetAsync(path);
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
        Assert.Equal("Basic", stranger.Headers.WwwAuthenticate.Single().Scheme);
        Assert.Equal("metrics", await _client.GetStringAsync("/metrics"));
        Assert.Equal("ready\n", await _client.GetStringAsync("/health/ready"));
    }

    [Fact]
    public async Task The_token_opens_and_a_wrong_one_takes_its_time()
    {
        await Start(new HttpOptions { Token = new Secret("correct-horse-battery") });
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "correct-horse-battery");
        Assert.Contains("<title>ActionStream", await _client.GetStringAsync("/"), StringComparison.Ordinal);

        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "wrong-horse-battery");
        var startedAt = TimeProvider.System.GetTimestamp();
        using var refused = await _client.GetAsync("/");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.True(TimeProvider.System.GetElapsedTime(startedAt) > Access.Pause * 0.9);
    }

    [Fact]
    public async Task Where_others_could_look_without_a_login_the_page_is_closed_and_says_why()
    {
        await Start(new HttpOptions { Address = "0.0.0.0" });
        using var answer = await _client.GetAsync("/");
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("http.token", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("metrics", await _client.GetStringAsync("/metrics"));
    }

    [Fact]
    public async Task A_still_is_the_next_picture_of_the_camera()
    {
        await Start();
        var asking = _client.GetByteArrayAsync("/live/front.jpg");
        using var pool = new PixelPool();
        using (var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20)))
        {
            while (!asking.IsCompleted && await timer.WaitForNextTickAsync())
            {
                var size = new FrameSize(8, 8);
                using var frame = new Frame(new(0, default, TimeProvider.System.GetTimestamp()), size, pool.Rent(size.Bytes));
                _view.Watcher.OnFrame("front", frame);
            }
        }

        Assert.Equal([0xFF, 0xD8], (await asking)[..2]);
        using var nobody = await _client.GetAsync("/live/nobody.jpg");
        Assert.Equal(HttpStatusCode.NotFound, nobody.StatusCode);
        Assert.False(_view.Encoder.Camera("front").IsWatched);
    }

    [Fact]
    public async Task Browsers_beyond_the_limit_are_sent_away_and_metrics_still_answer()
    {
        await Start();
        var open = new List<HttpResponseMessage>();
        HttpStatusCode status;
        do
        {
            var answer = await _client.GetAsync("/live/feed", HttpCompletionOption.ResponseHeadersRead);
            open.Add(answer);
            status = answer.StatusCode;
        }
        while (status == HttpStatusCode.OK && open.Count < 100);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, 17), (status, open.Count));
        Assert.Equal("metrics", await _client.GetStringAsync("/metrics"));
        open.ForEach(answer => answer.Dispose());
    }

    [GeneratedRegex("""(?:href|src)="(/[^"]*)""")]
    private static partial Regex LocalAddress();
}
