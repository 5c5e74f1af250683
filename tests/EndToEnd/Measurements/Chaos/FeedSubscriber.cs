using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace ActionStream.EndToEnd.Measurements.Chaos;

/// <summary>A browser on the live page: follows its feed, which needs no broker, and comes back when it is cut off.</summary>
internal sealed class FeedSubscriber : IAsyncDisposable
{
    private readonly HttpClient _client;
    private readonly Decisions _decisions;
    private readonly PlantedSecrets _secrets;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _following;

    public FeedSubscriber(Uri service, Decisions decisions, PlantedSecrets secrets)
    {
        (_decisions, _secrets) = (decisions, secrets);
        _client = new() { BaseAddress = service, Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.Authorization = Login(secrets);
        _following = FollowAsync();
    }

    /// <summary>How often it was cut off.</summary>
    public int Lost { get; private set; }

    public static AuthenticationHeaderValue Login(PlantedSecrets secrets) => new(
        "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{SiteConfiguration.User}:{secrets.Http}")));

    /// <summary>Leaves, as the browser of whoever has seen enough.</summary>
    public async Task LeaveAsync()
    {
        await _end.CancelAsync();
        await _following;
    }

    public async ValueTask DisposeAsync()
    {
        await LeaveAsync();
        _client.Dispose();
        _end.Dispose();
    }

    private async Task FollowAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                using var reader = new StreamReader(await _client.GetStreamAsync(new Uri("/live/feed", UriKind.Relative), _end.Token));
                for (var name = ""; await reader.ReadLineAsync(_end.Token) is { } line;)
                {
                    if (line.StartsWith("event: ", StringComparison.Ordinal))
                    {
                        name = line["event: ".Length..];
                    }
                    else if (line.StartsWith("data: ", StringComparison.Ordinal))
                    {
                        Take(name, line["data: ".Length..]);
                    }
                }

                Lost++;
            }
            catch (OperationCanceledException) when (_end.IsCancellationRequested)
            {
                return;
            }
            catch (Exception cut) when (cut is IOException or HttpRequestException)
            {
                Lost++;
                await Task.Delay(200, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Take(string name, string text)
    {
        _secrets.Search("live feed", text);
        if (name == "scores")
        {
            using var document = JsonDocument.Parse(text);
            var scores = document.RootElement;
            var stages = scores.GetProperty("latency").EnumerateArray().Select(stage => stage.GetDouble()).ToArray();
            _decisions.Add(
                scores.GetProperty("camera").GetString()!, scores.GetProperty("time").GetInt64() / 1000.0, stages[..^1].Sum() / 1000);
        }
    }
}
