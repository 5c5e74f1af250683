using System.Diagnostics.Metrics;

namespace ActionStream.Unit.Support;

/// <summary>Sums of what the instruments of one meter were told, by name and tags; of histograms, how often.</summary>
internal sealed class MeterCounts : IDisposable
{
    private readonly Dictionary<string, long> _sums = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();

    public MeterCounts(Meter meter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == meter)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>(
            (instrument, value, tags, _) => Add(instrument, instrument is Histogram<long> ? 1 : value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>(
            (instrument, value, tags, _) => Add(instrument, instrument is Histogram<double> ? 1 : (long)value, tags));
        _listener.Start();
    }

    public long this[string name]
    {
        get
        {
            _listener.RecordObservableInstruments();
            lock (_sums)
            {
                return _sums.TryGetValue(name, out var sum)
                    ? sum
                    : throw new KeyNotFoundException($"{name}; there are {string.Join(", ", _sums.Keys)}");
            }
        }
    }

    /// <summary>The sum over all tags that follow, 0 where there are none yet.</summary>
    public long Sum(string beginning)
    {
        lock (_sums)
        {
            return _sums.Where(sum => sum.Key.StartsWith(beginning, StringComparison.Ordinal)).Sum(sum => sum.Value);
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var name = string.Join(' ', [instrument.Name, .. tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}")]);
        lock (_sums)
        {
            _sums[name] = instrument.IsObservable ? value : _sums.GetValueOrDefault(name) + value;
        }
    }
}
