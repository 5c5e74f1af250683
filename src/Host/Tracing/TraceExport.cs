using System.Diagnostics;
using System.Diagnostics.Metrics;
using ActionStream.Core.Configuration;
using ActionStream.Host.Output;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ActionStream.Host.Tracing;

/// <summary>Takes the spans of decisions to a collector, by the OpenTelemetry SDK: batches, in the background.</summary>
/// <remarks>A collector that is away costs spans, never frames. The standard OTEL_… variables hold, before the configuration.</remarks>
internal sealed class TraceExport : IDisposable
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string Protocol = "OTEL_EXPORTER_OTLP_PROTOCOL";
    private const string Sampler = "OTEL_TRACES_SAMPLER";

    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);

    private readonly TracerProvider _provider;

    private TraceExport(TracingOptions options, string node, Counter<long> spans, ILogger<TraceExport> log)
    {
        var batch = new BatchExportActivityProcessorOptions();
        var build = Sdk.CreateTracerProviderBuilder()
            .AddSource(DecisionTracer.Source)
            .SetResourceBuilder(ResourceBuilder.CreateEmpty()
                .AddTelemetrySdk()
                .AddService("actionstream", serviceVersion: Product.Version, serviceInstanceId: node)
                .AddEnvironmentVariableDetector()) // the last one wins
            .AddProcessor(new CountedQueue(new CountedExporter(To(options), spans, log), batch, spans));
        _provider = (IsSet(Sampler) ? build : build.SetSampler(new TraceIdRatioBasedSampler(options.Sample))).Build();
    }

    /// <summary>True where the configuration or the environment names a collector.</summary>
    public static bool IsWanted(TracingOptions options) => options.IsOn || IsSet(Endpoint);

    /// <summary>Begins where the configuration or the environment names a collector; null where none does.</summary>
    public static TraceExport? Start(TracingOptions options, string node, Meter meter, ILogger<TraceExport> log)
    {
        var spans = meter.CreateCounter<long>("actionstream.trace.spans", "{span}", "Spans of traced decisions by what became of them.");
        foreach (var result in (string[])["sent", "failed", "dropped"])
        {
            spans.Add(0, Result(result)); // also while tracing is off, so that a panel shows 0
        }

        return IsWanted(options) ? new(options, node, spans, log) : null;
    }

    /// <summary>Sends what is left, if the collector takes it at once.</summary>
    public void Dispose()
    {
        _provider.Shutdown((int)LastWords.TotalMilliseconds);
        _provider.Dispose();
    }

    private static OtlpExporterOptions To(TracingOptions options)
    {
        var to = new OtlpExporterOptions(); // has read the environment
        foreach (var header in to.Headers?.Split(',') ?? [])
        {
            KnownSecrets.Learn(header[(header.IndexOf('=', StringComparison.Ordinal) + 1)..].Trim());
        }

        if (!IsSet(Protocol))
        {
            to.Protocol = OtlpExportProtocol.HttpProtobuf; // as OpenTelemetry recommends; the SDK still begins with gRPC
        }

        if (!IsSet(Endpoint))
        {
            var path = to.Protocol == OtlpExportProtocol.HttpProtobuf ? "/v1/traces" : "";
            to.Endpoint = new(options.Endpoint!.TrimEnd('/') + path);
        }

        return to;
    }

    private static bool IsSet(string variable) => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable));

    private static KeyValuePair<string, object?> Result(string result) => new("result", result);

    /// <summary>The SDK's queue, which counts what does not fit. One thread fills it: it is full only when our count says so.</summary>
    private sealed class CountedQueue(CountedExporter to, BatchExportActivityProcessorOptions options, Counter<long> spans)
        : BatchActivityExportProcessor(
            to, options.MaxQueueSize, options.ScheduledDelayMilliseconds, options.ExporterTimeoutMilliseconds, options.MaxExportBatchSize)
    {
        private readonly int _room = options.MaxQueueSize;

        protected override void OnExport(Activity data)
        {
            if (to.Waiting >= _room)
            {
                spans.Add(1, Result("dropped"));
                return;
            }

            to.OnQueued();
            base.OnExport(data);
        }
    }
}
