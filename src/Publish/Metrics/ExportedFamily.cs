using System.Globalization;

namespace ActionStream.Publish.Metrics;

/// <summary>One exported metric, fed by all instruments of its name.</summary>
/// <remarks>Its labels are those of the first measurement; one that lacks some leaves them empty, others are not exported.</remarks>
internal sealed class ExportedFamily(string name, MetricKind kind, string help, double[] buckets, ExposedMetrics exposed)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ExportedSeries> _series = new(StringComparer.Ordinal);
    private Func<string[], IMetricSeries>? _create;
    private string[] _labels = [];

    public string Name => name;

    public MetricKind Kind => kind;

    public ExportedSeries Series(KeyValuePair<string, object?>[] tags)
    {
        lock (_lock)
        {
            if (_create is null)
            {
                _labels = [.. tags.Select(tag => MetricName.OfLabel(tag.Key)).Distinct(StringComparer.Ordinal)];
                _create = exposed.Add(new(name, kind, help, _labels, buckets));
            }

            var values = _labels.Select(label => Value(tags, label)).ToArray();
            var key = string.Join('\u0001', values);
            if (!_series.TryGetValue(key, out var series))
            {
                _series[key] = series = new(_create(values), kind);
            }

            return series;
        }
    }

    /// <summary>A round of observations begins or ends; see <see cref="ExportedSeries"/>.</summary>
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

    private static string Value(KeyValuePair<string, object?>[] tags, string label)
    {
        foreach (var (name, value) in tags)
        {
            if (MetricName.OfLabel(name) == label)
            {
                return value switch
                {
                    null => "",
                    bool answer => answer ? "true" : "false",
                    IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
                    _ => value.ToString() ?? "",
                };
            }
        }

        return "";
    }
}

/// <summary>One exported series. What several observed instruments say about it in one round is added up; what none mentions any more is left out.</summary>
internal sealed class ExportedSeries(IMetricSeries series, MetricKind kind)
{
    private double _sum;
    private bool _isMentioned;
    private bool _isObserved;

    public void Record(double value) => series.Record(value);

    /// <summary>Called within a round only, and rounds take turns.</summary>
    public void Observe(double value) => (_sum, _isMentioned, _isObserved) = (_sum + value, true, true);

    public void Flush()
    {
        if (_isMentioned)
        {
            series.Set(_sum);
        }
        else if (_isObserved && kind is MetricKind.Gauge)
        {
            series.Hide();
        }

        (_sum, _isMentioned) = (0, false);
    }
}
