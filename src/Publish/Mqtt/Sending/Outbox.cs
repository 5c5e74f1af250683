using ActionStream.Publish.Events;
using ActionStream.Publish.Mqtt.Messages;

namespace ActionStream.Publish.Mqtt.Sending;

/// <summary>What waits for the broker, and what gives way when it stays away.</summary>
/// <remarks>
/// Retained messages: the latest of each topic is said again on every connect, before anything else.
/// Events are kept up to a bound, the oldest dropped first. Scores are worth nothing later and are kept only while connected.
/// Within a connection everything leaves in the order it was posted. Thread-safe.
/// </remarks>
internal sealed class Outbox(EventSpool events, int maxChanges, int maxScores)
{
    private readonly Lock _lock = new();
    private readonly OrderedDictionary<string, OutboundMessage> _latest = new(StringComparer.Ordinal);
    private readonly Queue<OutboundMessage> _changed = new();
    private readonly Queue<OutboundMessage> _scores = new();
    private readonly Stack<OutboundMessage> _pool = new();
    private long _order;
    private long _saidAgainUpTo = long.MinValue;
    private bool _isConnected;

    /// <summary>Events waiting.</summary>
    public int Spooled => Locked(events => events.Count);

    /// <summary>Their bytes.</summary>
    public long SpooledBytes => Locked(events => events.Bytes);

    /// <summary>What the spool takes on disk.</summary>
    public long DiskBytes => Locked(events => events.DiskBytes);

    /// <summary>Takes over the events that a former process left; before any other.</summary>
    public void Recover()
    {
        lock (_lock)
        {
            events.Recover(() => _order++);
        }
    }

    /// <summary>Notes that the service lives, for the ends of events that a crash would cut off.</summary>
    public void Alive()
    {
        lock (_lock)
        {
            events.Alive();
        }
    }

    /// <summary>Says what is true now on a retained topic.</summary>
    public void Retain(OutboundMessage message)
    {
        lock (_lock)
        {
            _latest[message.Topic] = message;
            if (!_isConnected)
            {
                return;
            }

            // A broker that is this slow gets the latest of each topic, like one that is away.
            if (_changed.Count >= maxChanges && _changed.LastOrDefault(waiting => waiting.Topic == message.Topic) is { } waiting)
            {
                waiting.Payload = message.Payload;
                _latest[message.Topic] = waiting;
                return;
            }

            message.Order = _order++;
            _changed.Enqueue(message);
        }
    }

    /// <summary>True for a topic on which something is said, as opposed to nothing or no more.</summary>
    public bool Says(string topic)
    {
        lock (_lock)
        {
            return _latest.TryGetValue(topic, out var known) && !known.Payload.IsEmpty;
        }
    }

    /// <summary>Queues everything retained once more, behind what waits; not while the last time is still under way.</summary>
    public void Republish()
    {
        lock (_lock)
        {
            if (!_isConnected || (_changed.TryPeek(out var waiting) && waiting.Order <= _saidAgainUpTo))
            {
                return;
            }

            foreach (var known in InOrder())
            {
                var again = new OutboundMessage(known.Kind, known.Topic, known.Payload) { Order = _order++ };
                _latest[known.Topic] = again;
                _changed.Enqueue(again);
            }

            _saidAgainUpTo = _order - 1;
        }
    }

    /// <summary>Takes an event.</summary>
    public void AddEvent(OutboundMessage message)
    {
        lock (_lock)
        {
            message.Order = _order++;
            events.Add(message);
            if (!_isConnected)
            {
                message.ComesLate();
            }
        }
    }

    /// <summary>Takes scores or stats. Returns how many were dropped, itself included while the broker is away.</summary>
    public int AddScores(OutboundMessage message)
    {
        lock (_lock)
        {
            if (!_isConnected)
            {
                ReturnToPool(message);
                return 1;
            }

            message.Order = _order++;
            _scores.Enqueue(message);
            if (_scores.Count > maxScores)
            {
                ReturnToPool(_scores.Dequeue());
                return 1;
            }

            return 0;
        }
    }

    /// <summary>A message for <see cref="AddScores"/>: there is one per decision, so those that are done are used again.</summary>
    public OutboundMessage Transient(MessageKind kind, string topic, ReadOnlyMemory<byte> payload, DecisionTime? decision, bool isPooled, long postedAt)
    {
        lock (_lock)
        {
            var message = _pool.TryPop(out var pooled) ? pooled : new(kind, topic, payload);
            (message.Kind, message.Topic, message.Payload) = (kind, topic, payload);
            (message.Decision, message.IsPooled, message.PostedAt) = (decision, isPooled, postedAt);
            return message;
        }
    }

    /// <summary>The broker has it: nobody reads it any more.</summary>
    public void Done(OutboundMessage message)
    {
        lock (_lock)
        {
            if (message.IsTransient)
            {
                ReturnToPool(message);
            }
            else if (message.Kind is MessageKind.Event)
            {
                events.Done(message);
            }
            else if (message is { IsRetained: true, Payload.IsEmpty: true } && _latest.GetValueOrDefault(message.Topic) == message)
            {
                _latest.Remove(message.Topic); // the broker has forgotten it too
            }
        }
    }

    /// <summary>Queues everything retained ahead of what waits.</summary>
    public void Connected()
    {
        lock (_lock)
        {
            _isConnected = true;
            _changed.Clear();
            var place = long.MinValue;
            foreach (var known in InOrder())
            {
                known.Order = place++;
                _changed.Enqueue(known);
            }
        }
    }

    /// <summary>Returns how many scores were dropped.</summary>
    public int Disconnected()
    {
        lock (_lock)
        {
            _isConnected = false;
            events.ComeLate();
            var dropped = _scores.Count;
            while (_scores.TryDequeue(out var waiting))
            {
                ReturnToPool(waiting);
            }

            return dropped;
        }
    }

    /// <summary>Moves up to <paramref name="most"/> messages, first posted first, to <paramref name="batch"/>.</summary>
    public void Take(List<OutboundMessage> batch, int most)
    {
        lock (_lock)
        {
            while (batch.Count < most && Next() is { } message)
            {
                batch.Add(message);
            }
        }
    }

    /// <summary>Takes back events that did not reach the broker, as they were ordered.</summary>
    public void TakeBack(IReadOnlyList<OutboundMessage> unsent)
    {
        lock (_lock)
        {
            events.TakeBack(unsent.Where(message => message.Kind is MessageKind.Event));
        }
    }

    private T Locked<T>(Func<EventSpool, T> ask)
    {
        lock (_lock)
        {
            return ask(events);
        }
    }

    // Within a kind as it was first said: a device comes before what hangs on it.
    private OutboundMessage[] InOrder() => [.. _latest.Values.OrderBy(known => known.Kind)];

    private OutboundMessage? Next()
    {
        var changed = _changed.TryPeek(out var state) ? state.Order : long.MaxValue;
        var happened = events.FirstOrder;
        var scored = _scores.TryPeek(out var scores) ? scores.Order : long.MaxValue;
        if (changed < happened && changed < scored)
        {
            return _changed.Dequeue();
        }

        if (happened < scored)
        {
            return events.Take() ?? Next(); // it may have grown too old just now
        }

        return scored < long.MaxValue ? _scores.Dequeue() : null;
    }

    private void ReturnToPool(OutboundMessage message)
    {
        message.ReturnToPool();
        message.Decision = null;
        if (_pool.Count < maxScores)
        {
            _pool.Push(message);
        }
    }
}
