namespace ActionStream.Publish;

/// <summary>The median latency since it was last asked for: for people; monitoring has the histogram.</summary>
internal sealed class MinuteLatency
{
    private const int Most = 1024;

    private readonly List<TimeSpan> _some = new(64);

    public void Add(TimeSpan latency)
    {
        if (_some.Count < Most)
        {
            _some.Add(latency);
        }
    }

    public TimeSpan? Take()
    {
        if (_some.Count == 0)
        {
            return null;
        }

        _some.Sort();
        var median = _some[_some.Count / 2];
        _some.Clear();
        return median;
    }
}
