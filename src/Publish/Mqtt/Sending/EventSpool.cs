using ActionStream.Publish.Mqtt.Messages;

namespace ActionStream.Publish.Mqtt.Sending;

/// <summary>Events that wait for the broker, in order and within bounds; the oldest is dropped first. Not thread-safe.</summary>
internal sealed class EventSpool(SpoolOptions options, SpoolStore store, TimeProvider time, Action<SpoolDrop, int> dropped)
{
    private readonly LinkedList<OutboundMessage> _waiting = new();
    private long _bytes;

    public int Count => _waiting.Count;

    public long Bytes => _bytes;

    /// <summary>The one that leaves next; those that have grown too old are dropped before.</summary>
    public OutboundMessage? First
    {
        get
        {
            TrimAge();
            return _waiting.First?.Value;
        }
    }

    /// <summary>Takes over what a former process left.</summary>
    /// <param name="order">Gives each its place.</param>
    public void Recover(Func<long> order)
    {
        if (store.Damaged > 0)
        {
            dropped(SpoolDrop.Corrupt, store.Damaged);
        }

        foreach (var message in store.Former)
        {
            Append(new(MessageKind.Event, message.Topic, LatePayload.Of(message.Payload))
            {
                SpoolNumber = message.Number,
                SpooledAt = message.PostedAt,
                Order = order(),
            });
        }

        Trim();
    }

    public void Add(OutboundMessage message)
    {
        message.SpooledAt = time.GetUtcNow();
        message.SpoolNumber = store.Add(message.Topic, message.Payload, message.Mark);
        Append(message);
        Trim();
    }

    public void ComeLate()
    {
        foreach (var message in _waiting)
        {
            message.ComesLate();
        }
    }

    /// <summary>Takes the first one out; it counts as under way until it is done or taken back.</summary>
    public OutboundMessage Take() => Remove(_waiting.First!);

    /// <summary>Puts back what did not reach the broker, ahead of what waits.</summary>
    public void TakeBack(IEnumerable<OutboundMessage> unsent)
    {
        foreach (var message in unsent.Reverse())
        {
            message.ComesLate();
            _waiting.AddFirst(message);
            _bytes += message.SpooledBytes;
        }

        Trim();
    }

    private void Append(OutboundMessage message)
    {
        _waiting.AddLast(message);
        message.SpooledBytes = message.Payload.Length; // being late makes it one shorter
        _bytes += message.SpooledBytes;
    }

    private OutboundMessage Remove(LinkedListNode<OutboundMessage> node)
    {
        _waiting.Remove(node);
        _bytes -= node.Value.SpooledBytes;
        return node.Value;
    }

    private void Trim()
    {
        TrimAge();
        while (_waiting.Count > options.Messages)
        {
            Drop(SpoolDrop.Count);
        }

        while (_bytes > options.Bytes)
        {
            Drop(SpoolDrop.Bytes);
        }
    }

    private void TrimAge()
    {
        var oldest = time.GetUtcNow() - options.Age;
        while (_waiting.First is { } first && first.Value.SpooledAt < oldest)
        {
            Drop(SpoolDrop.Age);
        }
    }

    private void Drop(SpoolDrop reason)
    {
        store.Done(Remove(_waiting.First!).SpoolNumber);
        dropped(reason, 1);
    }
}
