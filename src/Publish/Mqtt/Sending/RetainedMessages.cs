using ActionStream.Publish.Mqtt.Messages;

namespace ActionStream.Publish.Mqtt.Sending;

/// <summary>The latest message of every retained topic, and which of them the broker does not have yet. Not thread-safe.</summary>
/// <remarks>
/// Snapshots stand in a queue of their own: they are large, and only the latest of a topic is worth sending. So does what is told once
/// more though nobody changed it: there may be many thousands, and what happens meanwhile need not wait for them.
/// </remarks>
/// <param name="mostChanges">Changes waiting, beyond which a topic that waits already gets the newer payload instead.</param>
/// <param name="nextOrder">Gives each its place in the order of sending.</param>
internal sealed class RetainedMessages(int mostChanges, Func<long> nextOrder)
{
    private readonly OrderedDictionary<string, OutboundMessage> _latest = new(StringComparer.Ordinal);
    private readonly Queue<OutboundMessage> _changed = new();
    private readonly Queue<OutboundMessage> _unchanged = new();
    private readonly Queue<OutboundMessage> _snapshots = new();
    private long _republishedUpTo = long.MinValue;

    public OutboundMessage? First => _changed.TryPeek(out var first) ? first : null;

    public OutboundMessage? FirstUnchanged => FirstThatHolds(_unchanged);

    public OutboundMessage? FirstSnapshot => FirstThatHolds(_snapshots);

    /// <param name="first">The first of any queue.</param>
    public OutboundMessage Take(OutboundMessage first)
    {
        first.IsWaiting = false;
        return (first.Kind is MessageKind.Snapshot ? _snapshots : First == first ? _changed : _unchanged).Dequeue();
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
            Enqueue(message, isChange: true);
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
        _unchanged.Clear();
        _snapshots.Clear();
        _republishedUpTo = long.MinValue;
        var place = long.MinValue;
        foreach (var known in InOrder())
        {
            known.Order = ++place;
            QueueOf(known, isChange: known.Kind <= MessageKind.CameraStatus).Enqueue(known);
        }
    }

    /// <summary>Queues everything once more, behind whatever else waits. False while the last time is still under way.</summary>
    public bool Republish(bool withSnapshots)
    {
        if (FirstUnchanged is { } waiting && waiting.Order <= _republishedUpTo)
        {
            return false;
        }

        foreach (var known in InOrder().Where(known => !known.IsWaiting && (withSnapshots || known.Kind != MessageKind.Snapshot)))
        {
            var again = new OutboundMessage(known.Kind, known.Topic, known.Payload)
            {
                IsSuspect = known.IsSuspect,
                Tries = known.Tries,
                SetAsideSince = known.SetAsideSince,
            };
            _latest[known.Topic] = again;
            Enqueue(again, isChange: false);
        }

        _republishedUpTo = _unchanged.LastOrDefault()?.Order ?? long.MinValue;
        return true;
    }

    // Where a newer one of its topic went ahead it is not sent any more, except to those for whom all is published again: what
    // went ahead may have reached them before they knew what it is about. Then it says the same as the newer one.
    private OutboundMessage? FirstThatHolds(Queue<OutboundMessage> queue)
    {
        while (queue.TryPeek(out var first))
        {
            var latest = _latest.GetValueOrDefault(first.Topic);
            if (latest == first)
            {
                return first;
            }

            if (queue == _unchanged && first.Order >= 0 && latest is { IsSuspect: false, SetAsideSince: null, Payload.IsEmpty: false })
            {
                first.Payload = latest.Payload;
                return first;
            }

            queue.Dequeue();
        }

        return null;
    }

    private void Enqueue(OutboundMessage message, bool isChange)
    {
        message.Order = nextOrder();
        QueueOf(message, isChange).Enqueue(message);
    }

    private Queue<OutboundMessage> QueueOf(OutboundMessage message, bool isChange)
    {
        message.IsWaiting = message.Kind == MessageKind.Snapshot;
        return message.IsWaiting ? _snapshots : isChange ? _changed : _unchanged;
    }

    // A broker that is this slow gets the latest of each topic, like one that is away.
    private OutboundMessage? Waiting(OutboundMessage message) => message.Kind == MessageKind.Snapshot
        ? _latest.GetValueOrDefault(message.Topic) is { IsWaiting: true } snapshot ? snapshot : null
        : _changed.Count >= mostChanges ? _changed.LastOrDefault(waiting => waiting.Topic == message.Topic) : null;

    // Within a kind as it first came: a device comes before what hangs on it.
    private OutboundMessage[] InOrder() => [.. _latest.Values.OrderBy(known => known.Kind)];
}
