namespace ActionStream.Publish.Metrics;

/// <summary>What a metric is, in Prometheus' words.</summary>
public enum MetricKind
{
    Counter,
    Gauge,
    Histogram,
}

/// <summary>A metric to be exported: its final name and all that is the same for its series.</summary>
/// <param name="Buckets">Upper bounds, rising, without infinity; of histograms only.</param>
public sealed record MetricFamily(string Name, MetricKind Kind, string Help, string[] Labels, double[] Buckets);

/// <summary>One series of a metric. Thread-safe, and recording allocates nothing.</summary>
public interface IMetricSeries
{
    /// <summary>Of counters and gauges: so much more. Of histograms: one observation.</summary>
    void Record(double value);

    /// <summary>What an observed instrument says now. A counter only ever rises.</summary>
    void Set(double value);

    /// <summary>Leaves the series out until it is set again; of gauges only.</summary>
    void Hide();
}
