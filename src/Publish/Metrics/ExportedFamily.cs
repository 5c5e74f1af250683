using System.Globalization;
using ActionStream.Publish.Metrics;
using Prometheus;

namespace ActionStream.Publish.Metrics;

/// <summary>One exported metric, fed by all instruments of its name.</summary>
/// <remarks>Its labels are those of the first measurement; one that lacks some leaves them empty, others are not exported.</remarks>
internal sealed class ExportedFamily(string name, MetricKind kind, string help, double[] buckets, MetricFactory factory)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ExportedSeries> _series = new(StringComparer.Ordinal);
    private Func<string[], ChildBase>? _create;
    private string[] _labels = [];

    public MetricKind Kind => kind;

    public ExportedSeries Series(KeyValuePair<string, object?>[] tags)
    {
        lock (_lock)
        {
            if (_create is null)
            {
                _labels = [.. tags.Select(tag => MetricName.OfLabel(tag.Key)).Distinct(StringComparer.Ordinal)];
                _create = Create();
            }

            var values = _labels.Select(label => Value(tags, label)).ToArray();
            var key = string.Join('\u0001', values);
            if (!_series.TryGetValue(key, out var series))
            {
                _series[key] = series = new(_create(values));
            }

            return series;
        }
    }

    /// <summary>A round of observations is over; see <see cref="ExportedSeries"/>.</summary>
    public void Observed()
    {
        lock (_lock)
        {
            foreach (var series in _series.Values)
            {
                series.Flush();
            }
        }
    }

    private Func<string[], ChildBase> Create()
    {
        // prometheus-net escapes label values, but not this.
        var text = help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return kind switch
        {
            MetricKind.Counter => factory.CreateCounter(name, text, _labels).WithLabels,
            MetricKind.Histogram =>
                factory.CreateHistogram(name, text, _labels, new HistogramConfiguration { Buckets = buckets }).WithLabels,
            _ => factory.CreateGauge(name, text, _labels, new GaugeConfiguration { SuppressInitialValue = true }).WithLabels,
        };
    }

    private static string Value(KeyValuePair<string, object?>[] tags, string label) =>
        Array.Find(tags, tag => MetricName.OfLabel(tag.Key) == label).Value switch
        {
            null => "",
            bool answer => answer ? "true" : "false",
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            var other => other.ToString() ?? "",
        };
}

/// <summary>What a metric is, in Prometheus' words.</summary>
internal enum MetricKind
{
    Counter,
    Gauge,
    Histogram,
}
