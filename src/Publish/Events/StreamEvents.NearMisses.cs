namespace ActionStream.Publish.Events;

/// <content>What almost became an event.</content>
public sealed partial class StreamEvents
{
    private readonly List<NearMiss> _nearMisses = [];

    /// <summary>What the last decision, or the end of everything, showed to have been almost an event; each once.</summary>
    public IReadOnlyList<NearMiss> TakeNearMisses()
    {
        if (_nearMisses.Count == 0)
        {
            return [];
        }

        NearMiss[] taken = [.. _nearMisses];
        _nearMisses.Clear();
        return taken;
    }

    private void Missed(ClassEvents one, NearMissRun? run)
    {
        if (run is { } near)
        {
            var start = _timeline.Wall(near.Start);
            _nearMisses.Add(new(
                Stream, Id(start, one.Label) + "n", _card.Labels[one.Label], start, _timeline.Wall(near.Last), near.Top,
                _timeline.Wall(near.TopAt), near.TopWindow, near.Enter));
        }
    }
}
