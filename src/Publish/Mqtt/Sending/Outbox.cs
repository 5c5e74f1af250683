using ActionStream.Publish.Events;
using ActionStream.Publish.Mqtt.Messages;

namespace ActionStream.Publish.Mqtt.Sending;

/// <summary>Everything on its way to the broker: whoever publishes posts here and never waits, and the link drains it.</summary>
/// <remarks>
/// Retained messages: the latest of each topic is sent again on every connect, before anything else.
/// Events are kept up to a bound, the oldest dropped first. Transient ones are worth nothing later and are kept only while connected.
/// Within a connection everything leaves in the order it was posted. Thread-safe.
/// </remarks>
public sealed class Outbox : IDisposable
{
    private readonly Lock _lock = new();
    private readonly OrderedDictionary<string, OutboundMessage> _latest = new(StringComparer.Ordinal);
    private readonly Queue<OutboundMessage> _changed = new();
    private readonly Queue<OutboundMessage> _transient = new();
    private readonly Stack<OutboundMessage> _pool = new();
    private readonly WakeUp _wake = new();
    private readonly SpoolStore _store;
    private readonly EventSpool _events;
    private readonly LinkMeter _meter;
    private readonly TimeProvider _time;
    private readonly int _maxChanges;
    private readonly int _maxTransient;
    private long _order;
    private long _republishedUpTo = long.MinValue;
    private bool _isConnected;

    /// <param name="store">What outlives the process; the outbox's own from here on.</param>
    internal Outbox(SpoolOptions spool, int maxTransient, SpoolStore store, LinkMeter meter, TimeProvider time)
    {
        (_maxChanges, _maxTransient, _store, _meter, _time) = (spool.Messages, maxTransient, store, meter, time);
        _events = new(spool, store, time, meter.CountDroppedEvents);
        _events.Recover(() => _order++);
    }

    /// <summary>Called for every decision posted with a message, once the broker has it in time.</summary>
    internal Action<DecisionTime>? Sent { get; set; }

    /// <summary>Events that were open when the service died; for their ends.</summary>
    internal IEnumerable<CrashEnd> Crashed => _store.Crashed.Select(step => CrashEnd.Of(step, _store.LivedUntil)).OfType<CrashEnd>();

    /// <summary>Events waiting, their bytes, and what the spool takes on disk.</summary>
    internal (int Messages, long Bytes, long DiskBytes) Spooled
    {
        get
        {
            lock (_lock)
            {
                return (_events.Count, _events.Bytes, _store.Length);
            }
        }
    }

    /// <summary>Publishes what holds from now on; the broker keeps it for whoever comes later.</summary>
    public void PostRetained(MessageKind kind, string topic, ReadOnlyMemory<byte> payload)
    {
        var message = new OutboundMessage(kind, topic, payload);
        lock (_lock)
        {
            _latest[topic] = message;
            if (!_isConnected)
            {
                return;
            }

            // A broker that is this slow gets the latest of each topic, like one that is away.
            if (_changed.Count >= _maxChanges && _changed.LastOrDefault(waiting => waiting.Topic == topic) is { } waiting)
            {
                waiting.Payload = payload;
                _latest[topic] = waiting;
                return;
            }

            message.Order = _order++;
            _changed.Enqueue(message);
        }

        Wake();
    }

    /// <summary>Removes a retained message: the broker forgets it, and so do we once it has.</summary>
    internal void Withdraw(MessageKind kind, string topic) => PostRetained(kind, topic, ReadOnlyMemory<byte>.Empty);

    /// <summary>True for a retained topic on which something stands at present.</summary>
    internal bool Holds(string topic)
    {
        lock (_lock)
        {
            return _latest.TryGetValue(topic, out var known) && !known.Payload.IsEmpty;
        }
    }

    /// <summary>Queues everything retained once more, behind what waits; not while the last time is still under way.</summary>
    internal void Republish()
    {
        lock (_lock)
        {
            if (!_isConnected || (_changed.TryPeek(out var waiting) && waiting.Order <= _republishedUpTo))
            {
                return;
            }

            foreach (var known in InOrder())
            {
                var again = new OutboundMessage(known.Kind, known.Topic, known.Payload) { Order = _order++ };
                _latest[known.Topic] = again;
                _changed.Enqueue(again);
            }

            _republishedUpTo = _order - 1;
        }

        Wake();
    }

    /// <param name="decision">The decision whose way ends with this message, if it is one.</param>
    internal void PostEvent(string topic, ReadOnlyMemory<byte> payload, EventMark mark, DecisionTime? decision = null)
    {
        var message = new OutboundMessage(MessageKind.Event, topic, payload) { Mark = mark, Decision = decision };
        lock (_lock)
        {
            (message.PostedAt, message.Order) = (_time.GetTimestamp(), _order++);
            _events.Add(message);
            if (!_isConnected)
            {
                message.ComesLate();
            }
        }

        Wake();
    }

    /// <summary>Posts scores, stats or a recording: worth sending only while the broker is there,
    /// and the oldest is dropped first.</summary>
    /// <param name="isPooled">True if the payload's memory returns to the shared pool once nobody reads it any more.</param>
    internal void PostTransient(
        MessageKind kind, string topic, ReadOnlyMemory<byte> payload, DecisionTime? decision = null, bool isPooled = false)
    {
        bool isShed;
        lock (_lock)
        {
            // There is one per decision, so those that are done are used again.
            var message = _pool.TryPop(out var pooled) ? pooled : new(kind, topic, payload);
            (message.Kind, message.Topic, message.Payload, message.IsPooled) = (kind, topic, payload, isPooled);
            (message.Decision, message.PostedAt, message.Order) = (decision, _time.GetTimestamp(), _order++);
            _transient.Enqueue(message);
            isShed = _transient.Count > (_isConnected ? _maxTransient : 0);
            if (isShed)
            {
                ReturnToPool(_transient.Dequeue());
            }
        }

        _meter.CountDroppedScores(isShed ? 1 : 0);
        Wake();
    }

    /// <summary>Notes that the service lives while events are open, for the ends of those that a crash would cut off.</summary>
    internal void Alive()
    {
        lock (_lock)
        {
            _store.Alive();
        }
    }

    /// <summary>Queues everything retained ahead of what waits.</summary>
    internal void Connected()
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

    /// <summary>Events wait from here on, and transient messages are dropped.</summary>
    internal void Disconnected()
    {
        int dropped;
        lock (_lock)
        {
            _isConnected = false;
            _events.ComeLate();
            dropped = _transient.Count;
            while (_transient.TryDequeue(out var waiting))
            {
                ReturnToPool(waiting);
            }
        }

        _meter.CountDroppedScores(dropped);
    }

    /// <summary>Completes when there may be something to send or to look at. A wait that can be cancelled would be an object.</summary>
    internal ValueTask<bool> WokenAsync() => _wake.WaitAsync();

    /// <summary>Ends the wait of whoever drains it.</summary>
    internal void Wake() => _wake.Call();

    /// <summary>Moves up to <paramref name="most"/> messages, first posted first, to <paramref name="batch"/>.</summary>
    internal void Take(List<OutboundMessage> batch, int most)
    {
        lock (_lock)
        {
            while (batch.Count < most && Next() is { } message)
            {
                batch.Add(message);
            }
        }
    }

    /// <summary>Takes back what did not reach the broker: events, as they were ordered. Transient messages are lost.</summary>
    internal void TakeBack(IReadOnlyList<OutboundMessage> unsent)
    {
        lock (_lock)
        {
            _events.TakeBack(unsent.Where(message => message.Kind is MessageKind.Event));
        }

        _meter.CountDroppedScores(unsent.Count(message => message.IsTransient));
    }

    /// <summary>The broker has it.</summary>
    internal void Done(OutboundMessage message)
    {
        _meter.CountPublished(message.Kind);
        if (message is { IsRetained: false, IsLate: false })
        {
            _meter.RecordPublish(_time.GetElapsedTime(message.PostedAt));
            if (message.Decision is { } decision)
            {
                Sent?.Invoke(decision);
            }
        }

        Forget(message);
    }

    /// <summary>Nobody needs it any more: the broker has it, or will not have it.</summary>
    internal void Forget(OutboundMessage message)
    {
        lock (_lock)
        {
            if (message.IsTransient)
            {
                ReturnToPool(message);
            }
            else if (message.Kind is MessageKind.Event)
            {
                _store.Done(message.SpoolNumber);
            }
            else if (message is { IsRetained: true, Payload.IsEmpty: true } && _latest.GetValueOrDefault(message.Topic) == message)
            {
                _latest.Remove(message.Topic); // the broker has forgotten it too
            }
        }
    }

    public void Dispose() => _store.Dispose();

    // Within a kind as it first came: a device comes before what hangs on it.
    private OutboundMessage[] InOrder() => [.. _latest.Values.OrderBy(known => known.Kind)];

    private OutboundMessage? Next()
    {
        var changed = _changed.TryPeek(out var state) ? state.Order : long.MaxValue;
        var events = _events.FirstOrder;
        var transient = _transient.TryPeek(out var scores) ? scores.Order : long.MaxValue;
        if (changed < events && changed < transient)
        {
            return _changed.Dequeue();
        }

        if (events < transient)
        {
            return _events.Take() ?? Next(); // it may have grown too old just now
        }

        return transient < long.MaxValue ? _transient.Dequeue() : null;
    }

    private void ReturnToPool(OutboundMessage message)
    {
        message.ReturnToPool();
        if (_pool.Count < _maxTransient)
        {
            _pool.Push(message);
        }
    }
}
