using ActionStream.Core.Media;
using ActionStream.Publish.Events;

namespace ActionStream.Publish.Snapshots;

/// <summary>Holds, for each class that one camera detects, the clip with the highest score so far: when the
/// event is told, its peak is at hand.</summary>
/// <remarks>One clip per class at most, and none of a class that is not detected. Not thread-safe.</remarks>
internal sealed class BestClipTracker : IDisposable
{
    private readonly Dictionary<int, Peak> _peaks = [];
    private readonly List<int> _over = [];

    public int Held => _peaks.Count;

    /// <param name="tracked">Classes that are detected, or whose event is open.</param>
    /// <param name="clip">Stays the caller's.</param>
    public void OnFrame(IEnumerable<TrackedClass> tracked, Clip clip)
    {
        _over.Clear();
        _over.AddRange(_peaks.Keys);
        foreach (var one in tracked)
        {
            _over.Remove(one.Label);
            if (!one.IsDetected)
            {
                continue;
            }

            if (!_peaks.TryGetValue(one.Label, out var peak))
            {
                _peaks[one.Label] = new(one.Score, clip.Share(), IsNew: true, IsOpen: false);
            }
            else if (one.Score > peak.Score)
            {
                peak.Clip.Dispose();
                _peaks[one.Label] = peak with { Score = one.Score, Clip = clip.Share(), IsNew = true };
            }
        }

        // Detected, but never long enough for an event. An event's own end lets go of the others.
        foreach (var label in _over.Where(label => !_peaks[label].IsOpen))
        {
            Forget(label);
        }
    }

    /// <summary>The clip of an event's peak, for the caller to dispose; null if it is the same as at the last step.</summary>
    public Clip? Take(int label, EventType type)
    {
        if (!_peaks.TryGetValue(label, out var peak))
        {
            return null;
        }

        var clip = peak.IsNew ? peak.Clip.Share() : null;
        if (type is EventType.End)
        {
            Forget(label);
        }
        else
        {
            _peaks[label] = peak with { IsNew = false, IsOpen = true };
        }

        return clip;
    }

    public void Dispose()
    {
        foreach (var peak in _peaks.Values)
        {
            peak.Clip.Dispose();
        }

        _peaks.Clear();
    }

    private void Forget(int label)
    {
        _peaks.Remove(label, out var peak);
        peak!.Clip.Dispose();
    }

    private sealed record Peak(double Score, Clip Clip, bool IsNew, bool IsOpen);
}
