using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Measurements.Chaos;

/// <summary>Looks at the service from outside, as an administrator and a Prometheus would: what it uses, and how soon it answers.</summary>
internal sealed class SiteWatch : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly string[] Pages = ["/metrics", "/health/ready", "/", "/metrics", "/health/live"];
    private static readonly TimeProvider Clock = TimeProvider.System;

    private readonly ChaosSite _site;
    private readonly HttpClient _client;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _looking;
    private readonly Task _asking;
    private readonly Dictionary<string, (double Count, long Since)> _counted = new(StringComparer.Ordinal);

    public SiteWatch(ChaosSite site)
    {
        _site = site;
        _client = new() { BaseAddress = site.Service.Http, Timeout = Patience };
        _client.DefaultRequestHeaders.Authorization = FeedSubscriber.Login(site.Secrets);
        _client.DefaultRequestHeaders.ConnectionClose = true; // as health probes do
        _looking = LookAsync();
        _asking = AskAsync();
    }

    public Usage Most { get; private set; } = new(0, 0, 0, 0);

    /// <summary>Pages asked for, those that did not come within <see cref="Patience"/>, and the longest time in which none came.</summary>
    public (int Asked, int Missed, TimeSpan Longest) Http { get; private set; }

    /// <summary>The longest time in which a healthy camera's counter of decisions stood still, while pages came.</summary>
    public TimeSpan LongestStandstill { get; private set; }

    /// <summary>Command lines of children with a password in them.</summary>
    public int TellingCommandLines { get; private set; }

    public Usage Now() => Usage.Of(_site.Service.Child.Id);

    public async Task EndAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAll(_looking, _asking);
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _client.Dispose();
        _end.Dispose();
    }

    private async Task LookAsync()
    {
        var telling = new HashSet<int>();
        while (!_end.IsCancellationRequested)
        {
            Most = Most.Max(Now());
            foreach (var child in ProcessTree.Descendants(_site.Service.Child.Id))
            {
                var words = ProcessTree.CommandLine(child);
                if (words.Contains(_site.Secrets.CameraInAddress, StringComparison.Ordinal) && telling.Add(child))
                {
                    TellingCommandLines++;
                }
            }

            await Task.Delay(Every, Clock, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task AskAsync()
    {
        var lastAnswer = Clock.GetTimestamp();
        for (var turn = 0; !_end.IsCancellationRequested; turn++)
        {
            var path = Pages[turn % Pages.Length];
            var missed = 0;
            try
            {
                using var answer = await _client.GetAsync(new Uri(path, UriKind.Relative), _end.Token);
                var page = await answer.Content.ReadAsStringAsync(_end.Token);
                _site.Secrets.Search($"page {path}", page);
                Count(path, page);
            }
            catch (OperationCanceledException) when (_end.IsCancellationRequested)
            {
                return;
            }
            catch (Exception none) when (none is HttpRequestException or OperationCanceledException or IOException)
            {
                missed = 1;
            }

            var waited = Clock.GetElapsedTime(lastAnswer);
            Http = (Http.Asked + 1, Http.Missed + missed, waited > Http.Longest ? waited : Http.Longest);
            lastAnswer = missed == 0 ? Clock.GetTimestamp() : lastAnswer;
            await Task.Delay(Every, Clock, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Count(string path, string page)
    {
        if (path != "/metrics")
        {
            return;
        }

        var now = Clock.GetTimestamp();
        foreach (var camera in ChaosSite.Healthy)
        {
            var count = Service.Metric(page, "actionstream_decisions_total", $"camera=\"{camera}\"");
            if (!_counted.TryGetValue(camera, out var last) || count > last.Count)
            {
                _counted[camera] = (count, now);
            }
            else if (Clock.GetElapsedTime(last.Since, now) > LongestStandstill)
            {
                LongestStandstill = Clock.GetElapsedTime(last.Since, now);
            }
        }
    }
}
