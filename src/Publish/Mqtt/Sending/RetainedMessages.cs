using ActionStream.Publish.Mqtt.Messages;

namespace ActionStream.Publish.Mqtt.Sending;

/// <summary>The latest message of every retained topic, and which of them the broker does not have yet. Not thread-safe.</summary>
/// <remarks>Snapshots stand in a queue of their own: they are large, and only the latest of a topic is worth sending.</remarks>
/// <param name="mostChanges">Changes waiting, beyond which a topic that waits already gets the newer payload instead.</param>
/// <param name="nextOrder">Gives each its place in the order of sending.</param>
internal sealed class RetainedMessages(int mostChanges, Func<long> nextOrder)
{
    private readonly OrderedDictionary<string, OutboundMessage> _latest = new(StringComparer.Ordinal);
    private readonly Queue<OutboundMessage> _changed = new();
    private readonly Queue<OutboundMessage> _snapshots = new();
    private long _republishedUpTo = long.MinValue;

    public OutboundMessage? First => _changed.TryPeek(out var first) ? first : null;

    public OutboundMessage? FirstSnapshot
    {
        get
        {
            while (_snapshots.TryPeek(out var first) && _latest.GetValueOrDefault(first.Topic) != first)
            {
                _snapshots.Dequeue(); // withdrawn meanwhile
            }

            return _snapshots.TryPeek(out var waiting) ? waiting : null;
        }
    }

    public OutboundMessage Take() => _changed.Dequeue();

    public OutboundMessage TakeSnapshot()
    {
        var snapshot = _snapshots.Dequeue();
        snapshot.IsWaiting = false;
        return snapshot;
    }

    /// <summary>Notes what holds on a topic from now on. True if it is to be sent as well.</summary>
    public bool Post(OutboundMessage message, bool isConnected)
    {
        if (isConnected && Waiting(message) is { } waiting)
        {
            (waiting.Payload, _latest[message.Topic]) = (message.Payload, waiting);
            return false;
        }

        _latest[message.Topic] = message;
        if (isConnected)
        {
            Enqueue(message);
        }

        return isConnected;
    }

    /// <summary>True for a topic on which something stands at present.</summary>
    public bool Holds(string topic) => _latest.TryGetValue(topic, out var known) && !known.Payload.IsEmpty;

    /// <summary>A topic that is empty is forgotten once the broker has forgotten it too.</summary>
    public void Forget(OutboundMessage message)
    {
        if (message.Payload.IsEmpty && _latest.GetValueOrDefault(message.Topic) == message)
        {
            _latest.Remove(message.Topic);
        }
    }

    /// <summary>Queues everything ahead of what waits.</summary>
    public void Connected()
    {
        _changed.Clear();
        _snapshots.Clear();
        var place = long.MinValue;
        foreach (var known in InOrder())
        {
            known.Order = place++;
            QueueOf(known).Enqueue(known);
        }
    }

    /// <summary>Queues everything once more, behind what waits. False while the last time is still under way.</summary>
    public bool Republish(bool withSnapshots)
    {
        if (_changed.TryPeek(out var waiting) && waiting.Order <= _republishedUpTo)
        {
            return false;
        }

        foreach (var known in InOrder().Where(known => !known.IsWaiting && (withSnapshots || known.Kind != MessageKind.Snapshot)))
        {
            var again = new OutboundMessage(known.Kind, known.Topic, known.Payload)
            {
                IsSuspect = known.IsSuspect,
                SetAsideSince = known.SetAsideSince,
            };
            _latest[known.Topic] = again;
            Enqueue(again);
        }

        _republishedUpTo = _changed.LastOrDefault()?.Order ?? long.MinValue;
        return true;
    }

    private void Enqueue(OutboundMessage message)
    {
        message.Order = nextOrder();
        QueueOf(message).Enqueue(message);
    }

    private Queue<OutboundMessage> QueueOf(OutboundMessage message)
    {
        message.IsWaiting = message.Kind == MessageKind.Snapshot;
        return message.IsWaiting ? _snapshots : _changed;
    }

    // A broker that is this slow gets the latest of each topic, like one that is away.
    private OutboundMessage? Waiting(OutboundMessage message) => message.Kind == MessageKind.Snapshot
        ? _latest.GetValueOrDefault(message.Topic) is { IsWaiting: true } snapshot ? snapshot : null
        : _changed.Count >= mostChanges ? _changed.LastOrDefault(waiting => waiting.Topic == message.Topic) : null;

    // Within a kind as it first came: a device comes before what hangs on it.
    private OutboundMessage[] InOrder() => [.. _latest.Values.OrderBy(known => known.Kind)];
}
