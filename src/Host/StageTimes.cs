using ActionStream.Publish.Events;

namespace ActionStream.Host;

/// <summary>Where the time went, decision by decision.</summary>
internal sealed class StageTimes
{
    private readonly Lock _lock = new();
    private readonly List<StageLatency> _times = [];

    public void Add(StageLatency time)
    {
        lock (_lock)
        {
            _times.Add(time);
        }
    }

    public IReadOnlyDictionary<string, double> MediansMs()
    {
        lock (_lock)
        {
            return new Dictionary<string, double>
            {
                ["capture"] = Median(time => time.Capture),
                ["window"] = Median(time => time.Window),
                ["queue"] = Median(time => time.Queue),
                ["infer"] = Median(time => time.Infer),
                ["post"] = Median(time => time.Post),
                ["publish"] = Median(time => time.Publish),
            };
        }
    }

    private double Median(Func<StageLatency, TimeSpan> stage) =>
        Percentiles.At([.. _times.Select(time => stage(time).TotalMilliseconds).Order()], 0.5);
}
