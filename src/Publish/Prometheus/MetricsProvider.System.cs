namespace ActionStream.Publish.Prometheus;

/// <summary>Keeps metrics and writes them as Prometheus text; our own, for where prometheus-net cannot be had.</summary>
public sealed class MetricsProvider
{
    private readonly Lock _lock = new();
    private readonly List<TextFamily> _families = [];

    public static string Name => "own text writer";

    public static string Version => typeof(MetricsProvider).Assembly.GetName().Version?.ToString(3) ?? "unknown";

    /// <summary>What the text is, for the HTTP header.</summary>
    public static string ContentType => "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Makes room for a metric; the function gives the series for label values in the family's order.</summary>
    internal Func<string[], IMetricSeries> Add(MetricFamily family)
    {
        var text = new TextFamily(family);
        lock (_lock)
        {
            _families.Add(text);
        }

        return text.Series;
    }

    internal async Task WriteAsync(Stream to, CancellationToken cancel)
    {
        TextFamily[] families;
        lock (_lock)
        {
            families = [.. _families.OrderBy(family => family.Name, StringComparer.Ordinal)];
        }

        // Built whole: a scrape that breaks off half-way would look like metrics that vanished.
        using var text = new StringWriter { NewLine = "\n" };
        foreach (var family in families)
        {
            family.Write(text);
        }

        var bytes = System.Text.Encoding.UTF8.GetBytes(text.ToString());
        await to.WriteAsync(bytes, cancel);
    }
}
