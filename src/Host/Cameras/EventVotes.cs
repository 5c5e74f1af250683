using ActionStream.Ingest.Packets.Gating;
using ActionStream.Publish;
using ActionStream.Publish.Events;

namespace ActionStream.Host.Cameras;

/// <summary>Keeps a camera awake while one of its events is open: an event ends by windows that are decided.</summary>
/// <remarks>Zones have no vote of their own: they weigh the scores of windows that are decided anyway, and no rule about them
/// begins anything while nothing moves.</remarks>
internal sealed class EventVotes(WakeVotes votes) : IDecisionObserver
{
    private readonly Dictionary<string, HashSet<string>> _open = new(StringComparer.Ordinal);

    public void OnEvent(ActionEvent step)
    {
        if (!_open.TryGetValue(step.Stream, out var open))
        {
            _open[step.Stream] = open = new(StringComparer.Ordinal);
        }

        _ = step.Type is EventType.End ? open.Remove(step.Id) : open.Add(step.Id);
        votes.Set(step.Stream, WakeReasons.Event, open.Count > 0);
    }
}
