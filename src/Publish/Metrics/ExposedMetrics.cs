using Prometheus;
using PrometheusMetrics = Prometheus.Metrics;

namespace ActionStream.Publish.Metrics;

/// <summary>Keeps metrics and writes them as Prometheus text, by prometheus-net.</summary>
/// <remarks>A registry of our own: the default one carries event-counter metrics whose names break the rules.</remarks>
internal sealed class ExposedMetrics
{
    private readonly CollectorRegistry _registry = PrometheusMetrics.NewCustomRegistry();
    private readonly MetricFactory _factory;

    public ExposedMetrics() => _factory = PrometheusMetrics.WithCustomRegistry(_registry);

    /// <summary>Makes room for a metric; the function gives the series for label values in the family's order.</summary>
    internal Func<string[], IMetricSeries> Add(MetricFamily family)
    {
        // prometheus-net escapes label values, but not this.
        family = family with { Help = family.Help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal) };
        switch (family.Kind)
        {
            case MetricKind.Counter:
                var counter = _factory.CreateCounter(
                    family.Name, family.Help, family.Labels, new CounterConfiguration { SuppressInitialValue = true });
                return values => new CounterSeries(counter.WithLabels(values));
            case MetricKind.Gauge:
                var gauge = _factory.CreateGauge(
                    family.Name, family.Help, family.Labels, new GaugeConfiguration { SuppressInitialValue = true });
                return values => new GaugeSeries(gauge.WithLabels(values));
            default:
                var histogram = _factory.CreateHistogram(
                    family.Name, family.Help, family.Labels,
                    new HistogramConfiguration { SuppressInitialValue = true, Buckets = family.Buckets });
                return values => new HistogramSeries(histogram.WithLabels(values));
        }
    }

    internal Task WriteAsync(Stream to, CancellationToken cancel) =>
        _registry.CollectAndExportAsTextAsync(to, ExpositionFormat.PrometheusText, cancel);

    private sealed class CounterSeries : IMetricSeries
    {
        private readonly Counter.Child _counter;

        public CounterSeries(Counter.Child counter)
        {
            _counter = counter;
            counter.Publish();
        }

        public void Record(double value) => _counter.Inc(value);

        public void Set(double value) => _counter.IncTo(value);

        public void Hide()
        {
        }
    }

    private sealed class GaugeSeries(Gauge.Child gauge) : IMetricSeries
    {
        public void Record(double value)
        {
            gauge.Inc(value);
            gauge.Publish();
        }

        public void Set(double value)
        {
            gauge.Set(value);
            gauge.Publish();
        }

        public void Hide() => gauge.Unpublish();
    }

    private sealed class HistogramSeries : IMetricSeries
    {
        private readonly Histogram.Child _histogram;

        public HistogramSeries(Histogram.Child histogram)
        {
            _histogram = histogram;
            histogram.Publish();
        }

        public void Record(double value) => _histogram.Observe(value);

        public void Set(double value) => _histogram.Observe(value);

        public void Hide()
        {
        }
    }
}
