using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net.Http.Headers;
using System.Threading.Channels;
using ActionStream.Core.Configuration;
using Microsoft.Extensions.Logging;

namespace ActionStream.Host.Tracing;

/// <summary>Takes finished spans to a collector, in batches, in the background. A collector that is away costs spans, never frames; each is counted.</summary>
/// <remarks>OTLP over HTTP in JSON, which every collector takes: a page of ours against five packages that only one of the package sets has.</remarks>
internal sealed partial class OtlpExporter : IAsyncDisposable
{
    private const int Most = 512;

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Uri _collector;
    private readonly string _node;
    private readonly TimeProvider _time;
    private readonly ILogger<OtlpExporter> _log;
    private readonly HttpClient _http;
    private readonly ActivityListener _listener;
    private readonly Channel<Activity> _spans;
    private readonly Counter<long> _counts;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _sending;
    private string? _complainedOf;

    public OtlpExporter(TracingOptions options, string node, Meter meter, TimeProvider time, ILogger<OtlpExporter> log)
    {
        (_node, _time, _log) = (node, time, log);
        _collector = new(options.Endpoint!.TrimEnd('/') + "/v1/traces");
        _http = new HttpClient { Timeout = Patience };
        _counts = Counts(meter);
        _spans = Channel.CreateBounded<Activity>(
            new BoundedChannelOptions(4 * Most) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }, _ => Count("dropped", 1));
        _listener = new()
        {
            ShouldListenTo = source => source.Name == DecisionTracer.Source,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span => _spans.Writer.TryWrite(span),
        };
        ActivitySource.AddActivityListener(_listener);
        _sending = SendAsync(_stop.Token);
    }

    /// <summary>Spans by what became of them: also there while tracing is off, so that a panel shows 0.</summary>
    public static Counter<long> Counts(Meter meter)
    {
        var counts = meter.CreateCounter<long>("actionstream.trace.spans", "{span}", "Spans of traced decisions by what became of them.");
        foreach (var result in (string[])["sent", "failed", "dropped"])
        {
            counts.Add(0, new KeyValuePair<string, object?>("result", result));
        }

        return counts;
    }

    /// <summary>Sends what is left, if the collector takes it at once.</summary>
    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        _spans.Writer.TryComplete();
        await _stop.CancelAsync();
        await _sending;
        _http.Dispose();
        _stop.Dispose();
    }

    private async Task SendAsync(CancellationToken stop)
    {
        var batch = new List<Activity>(Most);
        while (await _spans.Reader.WaitToReadAsync(CancellationToken.None))
        {
            await Task.Delay(Every, _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // some company
            while (batch.Count < Most && _spans.Reader.TryRead(out var span))
            {
                batch.Add(span);
            }

            await PostAsync(batch);
            batch.Clear();
        }
    }

    private async Task PostAsync(List<Activity> batch)
    {
        try
        {
            using var body = new ByteArrayContent(OtlpJson.Write(batch, _node));
            body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var answer = await _http.PostAsync(_collector, body, CancellationToken.None);
            answer.EnsureSuccessStatusCode();
            Count("sent", batch.Count);
            _complainedOf = null;
        }
        catch (Exception away) when (away is HttpRequestException or TaskCanceledException)
        {
            Count("failed", batch.Count);
            if (_complainedOf != away.Message) // the same every two seconds helps nobody
            {
                _complainedOf = away.Message;
                LogAway(SafeUri.Scrub(_collector.OriginalString), away.Message);
            }
        }
    }

    private void Count(string result, int count) => _counts.Add(count, new KeyValuePair<string, object?>("result", result));

    [LoggerMessage(LogLevel.Warning, "Traces: the collector at {Collector} does not take them: {Problem}; they are dropped until it does")]
    private partial void LogAway(string collector, string problem);
}
