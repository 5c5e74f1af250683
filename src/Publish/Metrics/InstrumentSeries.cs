using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using ActionStream.Publish.Metrics;

namespace ActionStream.Publish.Metrics;

/// <summary>Finds the series that a measurement of one instrument belongs to, by its tags, without allocating.</summary>
internal sealed class InstrumentSeries(Instrument instrument, ExportedFamily family)
{
    private readonly ConcurrentDictionary<int, Known> _known = new();

    // Of these only the last value counts, and nothing is added up.
    private readonly bool _isLevel =
        instrument.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(Gauge<>);

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var series = Find(tags);
        if (instrument.IsObservable)
        {
            series.Observe(value);
        }
        else if (_isLevel)
        {
            series.Set(value);
        }
        else
        {
            series.Record(value);
        }
    }

    private ExportedSeries Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var hash = Hash(tags);
        if (_known.TryGetValue(hash, out var first))
        {
            for (var known = first; known is not null; known = known.Next)
            {
                if (known.Has(tags))
                {
                    return known.Series;
                }
            }
        }

        return Learn(hash, tags);
    }

    // Rare: once for each set of tags.
    private ExportedSeries Learn(int hash, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var copy = tags.ToArray();
        var series = family.Series(copy);
        _known.AddOrUpdate(hash, _ => new(copy, series, null), (_, others) => new(copy, series, others));
        return series;
    }

    private static int Hash(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var hash = new HashCode();
        foreach (var (_, value) in tags)
        {
            hash.Add(value); // the values tell series apart; the names hardly ever do
        }

        return hash.ToHashCode();
    }

    private sealed record Known(KeyValuePair<string, object?>[] Tags, ExportedSeries Series, Known? Next)
    {
        public bool Has(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (tags.Length != Tags.Length)
            {
                return false;
            }

            for (var i = 0; i < tags.Length; i++)
            {
                if (tags[i].Key != Tags[i].Key || !Equals(tags[i].Value, Tags[i].Value))
                {
                    return false;
                }
            }

            return true;
        }
    }
}
