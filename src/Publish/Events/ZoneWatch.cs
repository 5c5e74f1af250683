using ActionStream.Core.Results;
using ActionStream.Publish.Events.Zones;

namespace ActionStream.Publish.Events;

/// <summary>What one stream remembers of its zones between two decisions: their shares, smoothed
/// exactly as the scores beside them.</summary>
internal sealed class ZoneWatch(IReadOnlyList<Zone> zones, TimeSpan smoothing)
{
    private readonly Smoother _smoother = new(smoothing, zones.Count);
    private readonly float[] _shares = new float[zones.Count];

    /// <summary>The zones as of this decision, in their order; empty for a stream without any, and where the answer does
    /// not say where the model looked.</summary>
    public IReadOnlyList<ZoneShare> Update(in ClipScores answer)
    {
        if (zones.Count == 0 || answer.Attention is not { } map)
        {
            return [];
        }

        for (var i = 0; i < zones.Count; i++)
        {
            _shares[i] = (float)zones[i].ShareOf(map);
        }

        var when = answer.Time;
        _smoother.TryUpdate(_shares, when.Epoch, when.Segment, when.End);
        var now = new ZoneShare[zones.Count];
        for (var i = 0; i < zones.Count; i++)
        {
            var share = _smoother.Values[i];
            // a sum of cells: the whole frame's is 1 but for rounding
            now[i] = new(zones[i].Name, share, share >= zones[i].MinShare - 1e-6);
        }

        return now;
    }
}
