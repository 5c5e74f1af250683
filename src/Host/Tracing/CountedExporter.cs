using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Diagnostics.Tracing;
using System.Globalization;
using ActionStream.Core.Configuration;
using ActionStream.Core.Retrying;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;

namespace ActionStream.Host.Tracing;

/// <summary>The SDK's exporter keeps its failures to itself: here they are counted, and the log says why a collector takes none.</summary>
internal sealed partial class CountedExporter(OtlpExporterOptions to, Counter<long> spans, ILogger<TraceExport> log) : OtlpTraceExporter(to)
{
    private readonly string _collector = SafeUri.Of(to.Endpoint.OriginalString);
    private readonly Reasons _reasons = new();
    private long _waiting;
    private readonly LastSaid<string> _lastSaid = new();

    /// <summary>Spans that are queued or on their way.</summary>
    public long Waiting => Volatile.Read(ref _waiting);

    public void OnQueued() => Interlocked.Increment(ref _waiting);

    public override ExportResult Export(in Batch<Activity> activityBatch)
    {
        var count = activityBatch.Count;
        var result = base.Export(activityBatch);
        Interlocked.Add(ref _waiting, -count);
        spans.Add(count, new KeyValuePair<string, object?>("result", result is ExportResult.Success ? "sent" : "failed"));
        if (result is ExportResult.Success)
        {
            _lastSaid.Forget();
        }
        else if (_reasons.Last is var reason && _lastSaid.IsNews(reason))
        {
            LogAway(_collector, reason);
        }

        return result;
    }

    protected override void Dispose(bool disposing)
    {
        _reasons.Dispose();
        base.Dispose(disposing);
    }

    [LoggerMessage(LogLevel.Warning, "Traces: the collector at {Collector} does not take them: {Problem}; they are dropped until it does")]
    private partial void LogAway(string collector, string problem);

    /// <summary>What the SDK's exporter says of its last failure; its event source is the only place where it does.</summary>
    private sealed class Reasons : EventListener
    {
        public string Last { get; private set; } = "no reason given";

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name == "OpenTelemetry-Exporter-OpenTelemetryProtocol")
            {
                EnableEvents(eventSource, EventLevel.Warning);
            }
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData)
        {
            object?[] details = [.. eventData.Payload?.Select(FirstLine) ?? []];
            Last = SafeUri.Scrub(string.Format(CultureInfo.InvariantCulture, eventData.Message ?? "", details));
        }

        // Behind it is a stack trace, or a page that a proxy answers with.
        private static string FirstLine(object? detail)
        {
            var line = $"{detail}".AsSpan().TrimStart();
            var end = line.IndexOfAny('\r', '\n');
            line = end < 0 ? line : line[..end];
            return $"{(line.Length > 200 ? line[..200] : line)}";
        }
    }
}
