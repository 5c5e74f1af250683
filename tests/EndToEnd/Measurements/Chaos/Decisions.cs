namespace ActionStream.EndToEnd.Measurements.Chaos;

/// <summary>When each camera was decided on: the end of each window, and when its answer was there, by the messages' own times.</summary>
/// <remarks>Two views come together here, MQTT and the live page's feed: scores are not kept for a broker that is away.</remarks>
internal sealed class Decisions
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, SortedDictionary<double, double>> _doneByEnd = new(StringComparer.Ordinal);

    /// <param name="end">Of its window, seconds since 1970.</param>
    /// <param name="latency">From there to the answer, seconds.</param>
    public void Add(string camera, double end, double latency)
    {
        lock (_lock)
        {
            if (!_doneByEnd.TryGetValue(camera, out var known))
            {
                _doneByEnd[camera] = known = [];
            }

            known.TryAdd(Math.Round(end, 2), end + latency);
        }
    }

    public int Count(string camera)
    {
        lock (_lock)
        {
            return _doneByEnd.GetValueOrDefault(camera)?.Count ?? 0;
        }
    }

    /// <summary>The longest distance between the ends of two windows, and between two answers, with the time at which it began.</summary>
    public (Distance OfWindows, Distance OfAnswers) Longest(string camera, double from, double until)
    {
        lock (_lock)
        {
            var known = _doneByEnd.GetValueOrDefault(camera) ?? [];
            return (Longest(known.Keys, from, until), Longest(known.Values.Order(), from, until));
        }
    }

    private static Distance Longest(IEnumerable<double> times, double from, double until)
    {
        var (last, longest) = (from, new Distance(0, from));
        foreach (var time in times.Where(time => time > from && time < until).Append(until))
        {
            if (time - last > longest.Seconds)
            {
                longest = new(time - last, last);
            }

            last = time;
        }

        return longest;
    }

    /// <param name="At">Its beginning, seconds since 1970.</param>
    internal readonly record struct Distance(double Seconds, double At);
}
