using ActionStream.Publish.Events;
using ActionStream.Publish.Mqtt.Messages;

namespace ActionStream.Publish.Mqtt.Sending;

/// <summary>Messages that are worth something only now, in order; the oldest is dropped first. Not thread-safe.</summary>
/// <remarks>There is one per decision, so those that are done are used again.</remarks>
internal sealed class TransientMessages(int most)
{
    private readonly Queue<OutboundMessage> _waiting = new();
    private readonly Stack<OutboundMessage> _pool = new();

    public OutboundMessage? First => _waiting.TryPeek(out var first) ? first : null;

    public OutboundMessage Take() => _waiting.Dequeue();

    public OutboundMessage Add(MessageKind kind, string topic, ReadOnlyMemory<byte> payload, DecisionTime? decision, bool isPooled)
    {
        var message = _pool.TryPop(out var pooled) ? pooled : new(kind, topic, payload);
        (message.Kind, message.Topic, message.Payload, message.IsPooled, message.Decision) = (kind, topic, payload, isPooled, decision);
        _waiting.Enqueue(message);
        return message;
    }

    /// <summary>True if one had to go.</summary>
    public bool Trim(bool isConnected)
    {
        var isTooMany = _waiting.Count > (isConnected ? most : 0);
        if (isTooMany)
        {
            ReturnToPool(_waiting.Dequeue());
        }

        return isTooMany;
    }

    /// <summary>Drops all; returns how many.</summary>
    public int Clear()
    {
        var dropped = _waiting.Count;
        while (_waiting.TryDequeue(out var waiting))
        {
            ReturnToPool(waiting);
        }

        return dropped;
    }

    public void ReturnToPool(OutboundMessage message)
    {
        message.ReturnToPool();
        if (_pool.Count < most)
        {
            _pool.Push(message);
        }
    }
}
