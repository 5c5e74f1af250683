using System.Diagnostics.Metrics;

namespace ActionStream.Publish.Snapshots;

/// <summary>What became of pictures of events.</summary>
public sealed class PictureMeter
{
    private readonly Counter<long> _pictures;

    private Func<long> _stored = () => 0;

    public PictureMeter(Meter meter)
    {
        _pictures = meter.CreateCounter<long>("actionstream.pictures", "{picture}", "Pictures of events, by what became of them.");
        meter.CreateObservableGauge("actionstream.pictures.stored", () => _stored(), "By", "Pictures kept on disk.");
        foreach (var result in (string[])["made", "failed", "dropped"])
        {
            _pictures.Add(0, new KeyValuePair<string, object?>("result", result));
        }
    }

    public void Observe(Func<long> stored) => _stored = stored;

    public void Made() => _pictures.Add(1, new KeyValuePair<string, object?>("result", "made"));

    public void Failed() => _pictures.Add(1, new KeyValuePair<string, object?>("result", "failed"));

    public void Dropped() => _pictures.Add(1, new KeyValuePair<string, object?>("result", "dropped"));
}
