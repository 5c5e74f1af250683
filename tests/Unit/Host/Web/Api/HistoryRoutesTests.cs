using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using ActionStream.Core.Configuration;
using ActionStream.Host.History;
using ActionStream.Host.Web;
using ActionStream.Host.Web.Api;
using ActionStream.Publish.Events;
using ActionStream.Unit.Host.History;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionStream.Unit.Host.Web.Api;

/// <summary>The real server on loopback with a real history behind it.</summary>
public sealed class HistoryRoutesTests : IAsyncLifetime, IDisposable
{
    private readonly HistoryRig _rig = new();
    private readonly Meter _meter = new("test");
    private readonly HttpClient _client = new();
    private StatusServer? _server;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);

    public void Dispose()
    {
        _client.Dispose();
        _meter.Dispose();
        _rig.Dispose();
    }

    private async Task StartAsync(HistoryOptions? options = null, HttpOptions? http = null)
    {
        var routes = new HistoryRoutes(options ?? _rig.Options, _rig.Clock);
        _server = await StatusServer.StartAsync(
            (http ?? new()) with { Port = 0 }, (_, _) => Task.CompletedTask, new Health(), routes.Map, new HttpMeter(_meter),
            NullLoggerFactory.Instance, default);
    }

    private async Task<(HttpStatusCode Code, JsonElement Answer)> GetAsync(string path)
    {
        using var answer = await _client.GetAsync(new Uri($"http://127.0.0.1:{_server!.Port}/api/history/{path}"));
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.StartsWith('{') ? JsonDocument.Parse(text).RootElement : default);
    }

    [Fact]
    public async Task Pages_of_events_follow_each_other_by_their_cursor_and_filters_hold()
    {
        var start = _rig.Clock.GetUtcNow();
        _rig.Keeper.Keep(
        [
            .. Enumerable.Range(0, 25).Select(i => _rig.Step($"e{i:00}", EventType.End, i % 2 == 0 ? "front" : "back", start: start.AddSeconds(i))),
            _rig.Miss("m"),
        ]);
        await StartAsync();
        List<string> seen = [];
        for (string? next = "events?limit=10"; next is not null;)
        {
            var (code, page) = await GetAsync(next);
            Assert.Equal(HttpStatusCode.OK, code);
            seen.AddRange(page.GetProperty("events").EnumerateArray().Select(found => found.GetProperty("event_id").GetString()!));
            next = page.GetProperty("next").GetString() is { } cursor ? $"events?limit=10&cursor={cursor}" : null;
        }

        Assert.Equal([.. Enumerable.Range(0, 25).Reverse().Select(i => $"e{i:00}")], seen);
        var (_, of) = await GetAsync($"events?camera=back&from={start.AddSeconds(20).ToUnixTimeSeconds()}&to={start.AddSeconds(23):yyyy-MM-ddTHH:mm:ssZ}");
        Assert.Equal(["e21"], of.GetProperty("events").EnumerateArray().Select(found => found.GetProperty("event_id").GetString()));
        Assert.Single((await GetAsync("events?near_misses=true")).Answer.GetProperty("events").EnumerateArray());
        Assert.Equal("fall", (await GetAsync("events/e03")).Answer.GetProperty("label").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync("events/none")).Code);
    }

    [Fact]
    public async Task Scores_are_told_by_label_and_cut_where_they_are_too_many()
    {
        var from = _rig.Clock.GetUtcNow();
        _rig.Keeper.Keep([.. Enumerable.Range(0, HistoryRoutes.MostScores + 10).Select(_ => _rig.Scores(0.2f, 1f)), _rig.Step("e", EventType.End)]);
        await StartAsync();
        var at = $"scores?stream=front&from={from.ToUnixTimeSeconds()}";
        var (_, answer) = await GetAsync($"{at}&label=fall");
        var curve = Assert.Single(answer.GetProperty("curves").EnumerateArray());
        Assert.Equal((HistoryRoutes.MostScores, true), (curve.GetProperty("times").GetArrayLength(), answer.GetProperty("is_cut").GetBoolean()));
        Assert.Equal(1, curve.GetProperty("scores").GetProperty("fall")[0].GetDouble());
        Assert.False(curve.GetProperty("scores").TryGetProperty("walk", out _));
        Assert.Empty((await GetAsync($"{at.Replace("front", "back", StringComparison.Ordinal)}")).Answer.GetProperty("curves").EnumerateArray());
    }

    [Theory]
    [InlineData("events?limit=0", "limit")]
    [InlineData("events?limit=many", "limit")]
    [InlineData("events?cursor=x", "cursor")]
    [InlineData("events?from=yesterday", "from")]
    [InlineData("events?near_misses=1", "near_misses")]
    [InlineData("scores?from=1h", "stream")]
    [InlineData("scores?stream=front", "from")]
    public async Task A_bad_question_is_told_in_one_line(string path, string name)
    {
        _rig.Keeper.Keep([]);
        await StartAsync();
        var (code, answer) = await GetAsync(path);
        Assert.Equal(HttpStatusCode.BadRequest, code);
        Assert.StartsWith($"{name} is ", answer.GetProperty("problem").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_history_there_is_none_and_a_damaged_one_is_unavailable()
    {
        await StartAsync(new());
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync("events")).Code);
        await _server!.DisposeAsync();
        Directory.CreateDirectory(Path.GetDirectoryName(_rig.Options.Path)!);
        await File.WriteAllTextAsync(_rig.Options.Path, "no database at all, but long enough to be looked at as if it were one, which it is not");
        await StartAsync();
        var (code, answer) = await GetAsync("events");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, code);
        Assert.Contains("no sound", answer.GetProperty("problem").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_those_may_ask_who_may_see_the_cameras()
    {
        _rig.Keeper.Keep([_rig.Step("e", EventType.End)]);
        await StartAsync(http: new() { Token = new Secret("a long enough token") });
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync("events")).Code);
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "a long enough token");
        Assert.Equal(HttpStatusCode.OK, (await GetAsync("events")).Code);
    }
}
