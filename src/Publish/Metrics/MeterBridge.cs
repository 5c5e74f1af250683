using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using ActionStream.Core.Stages;
using Prometheus;
using PrometheusMetrics = Prometheus.Metrics;

namespace ActionStream.Publish.Metrics;

/// <summary>Everything measured on our meters, as a page that Prometheus can read. Make it first thing: it counts from then on.</summary>
/// <remarks>
/// Counters stay counters and never expire, gauges and up-down counters are gauges, histograms keep the buckets their
/// instrument advises. Observed instruments are asked at each scrape.
/// </remarks>
public sealed class MeterBridge : IDisposable
{
    // Of our own: the default one carries event-counter metrics whose names break the rules.
    private readonly CollectorRegistry _registry = PrometheusMetrics.NewCustomRegistry();
    private readonly MetricFactory _factory;
    private readonly ConcurrentDictionary<string, ExportedFamily> _families = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();
    private readonly SemaphoreSlim _round = new(1);

    public MeterBridge(params IReadOnlyCollection<Meter> meters)
    {
        _factory = PrometheusMetrics.WithCustomRegistry(_registry);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (meters.Contains(instrument.Meter))
            {
                listener.EnableMeasurementEvents(instrument, new InstrumentSeries(instrument, Family(instrument)));
            }
        };
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<float>(static (_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<decimal>(static (_, value, tags, state) => Record(state, (double)value, tags));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<short>(static (_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<byte>(static (_, value, tags, state) => Record(state, value, tags));
        _listener.Start();
    }

    /// <summary>What the text is, for the HTTP header.</summary>
    public static string ContentType => "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Asks the observed instruments and writes all metrics as text.</summary>
    public async Task WriteAsync(Stream to, CancellationToken cancel)
    {
        await _round.WaitAsync(cancel);
        try
        {
            _listener.RecordObservableInstruments();
            foreach (var family in _families.Values)
            {
                family.Observed();
            }

            await _registry.CollectAndExportAsTextAsync(to, ExpositionFormat.PrometheusText, cancel);
        }
        finally
        {
            _round.Release();
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        _round.Dispose();
    }

    private static void Record(object? state, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        ((InstrumentSeries)state!).Record(value, tags);

    private ExportedFamily Family(Instrument instrument)
    {
        var kind = Kind(instrument);
        var name = MetricName.Of(instrument.Name, instrument.Unit, kind is MetricKind.Counter);
        var family = _families.GetOrAdd(
            name, _ => new(name, kind, Help(instrument), kind is MetricKind.Histogram ? Bounds(instrument) : [], _factory));
        return family.Kind == kind
            ? family
            : throw new InvalidOperationException($"{name} is a {family.Kind} already; {instrument.Name} would make it a {kind}");
    }

    private static MetricKind Kind(Instrument instrument)
    {
        var type = instrument.GetType();
        var word = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        return word switch
        {
            _ when word == typeof(Counter<>) || word == typeof(ObservableCounter<>) => MetricKind.Counter,
            _ when word == typeof(Histogram<>) => MetricKind.Histogram,
            _ => MetricKind.Gauge,
        };
    }

    private static string Help(Instrument instrument) =>
        string.IsNullOrWhiteSpace(instrument.Description) ? instrument.Name : instrument.Description;

    private static double[] Bounds(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds],
        Histogram<long> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(bound => (double)bound)],
        Histogram<int> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(bound => (double)bound)],
        _ => [.. Buckets.Latency.HistogramBucketBoundaries!],
    };
}
