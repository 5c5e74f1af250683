using Prometheus;

namespace ActionStream.Publish.Metrics;

/// <summary>One exported series. Recording allocates nothing and may happen on any thread.</summary>
/// <remarks>What several observed instruments say about it in one round is added up; what none mentions any more is left out.</remarks>
internal sealed class ExportedSeries(ChildBase child)
{
    private double _sum;
    private bool _isMentioned;
    private bool _isObserved;

    /// <summary>Of counters and gauges: so much more; a counter only rises. Of histograms: one observation.</summary>
    public void Record(double value)
    {
        switch (child)
        {
            case Counter.Child counter when value >= 0:
                counter.Inc(value);
                break;
            case Gauge.Child gauge:
                gauge.Inc(value);
                gauge.Publish();
                break;
            case Histogram.Child histogram:
                histogram.Observe(value);
                break;
        }
    }

    /// <summary>Called within a round only, and rounds do not overlap.</summary>
    public void Observe(double value) => (_sum, _isMentioned, _isObserved) = (_sum + value, true, true);

    public void Flush()
    {
        if (_isMentioned)
        {
            Set(_sum);
        }
        else if (_isObserved && child is Gauge.Child)
        {
            child.Unpublish();
        }

        (_sum, _isMentioned) = (0, false);
    }

    /// <summary>Its value from now on; a counter only rises.</summary>
    public void Set(double value)
    {
        (child as Counter.Child)?.IncTo(value);
        if (child is Gauge.Child gauge)
        {
            gauge.Set(value);
            gauge.Publish();
        }
    }
}
