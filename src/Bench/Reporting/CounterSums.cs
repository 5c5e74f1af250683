using System.Diagnostics.Metrics;

namespace ActionStream.Bench.Reporting;

/// <summary>Sums of what the product's own counters were told since a mark, over all tags.</summary>
internal sealed class CounterSums : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _sums = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();

    /// <param name="names">Instruments of the product's meter.</param>
    public CounterSums(params IReadOnlyList<string> names)
    {
        foreach (var name in names)
        {
            _sums[name] = 0;
        }

        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (names.Contains(instrument.Name))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
        {
            lock (_lock)
            {
                _sums[instrument.Name] += value;
            }
        });
        _listener.Start();
    }

    public long this[string name]
    {
        get
        {
            lock (_lock)
            {
                return _sums[name];
            }
        }
    }

    public void Dispose() => _listener.Dispose();
}
