using ActionStream.Publish.Events;
using ActionStream.Publish.Mqtt.Messages;

namespace ActionStream.Publish.Mqtt.Sending;

/// <summary>Everything on its way to the broker: whoever publishes posts here and never waits, and the link drains it.</summary>
/// <remarks>
/// Retained messages: the latest of each topic is sent again on every connect, before anything that waited and before snapshots.
/// Events are kept up to a bound, the oldest dropped first. Transient ones are worth nothing later and are kept only while connected.
/// Within a connection all leaves in the order it was posted, ahead of states that nobody changed; snapshots come last. Thread-safe.
/// </remarks>
public sealed class Outbox : IDisposable
{
    private readonly Lock _lock = new();
    private readonly RetainedMessages _retained;
    private readonly TransientMessages _transient;
    private readonly WakeUp _wake = new();
    private readonly SpoolStore _store;
    private readonly EventSpool _events;
    private readonly LinkMeter _meter;
    private readonly CutWatch _cuts;
    private readonly TimeProvider _time;
    private long _order;
    private long _firstOfConnection;
    private bool _isConnected;

    /// <param name="store">What outlives the process; the outbox's own from here on.</param>
    internal Outbox(SpoolOptions spool, int maxTransient, SpoolStore store, LinkMeter meter, TimeProvider time)
    {
        (_transient, _store, _meter, _time, _cuts) = (new(maxTransient), store, meter, time, new(time));
        _retained = new(spool.Messages, () => _order++);
        _events = new(spool, store, time, meter.CountDroppedEvents);
        _events.Recover(() => _order++);
    }

    /// <summary>Called for every decision posted with a message, once the broker has it in time.</summary>
    internal Action<DecisionTime>? Sent { get; set; }

    /// <summary>Called for every message that is not sent although the broker is there.</summary>
    internal Action<OutboundMessage, SetAsideReason>? SetAside { get; set; }

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
        lock (_lock)
        {
            if (!_retained.Post(new(kind, topic, payload), _isConnected))
            {
                return;
            }
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
            return _retained.Holds(topic);
        }
    }

    /// <summary>Queues everything retained once more, behind whatever is posted; not while the last time is still under way.</summary>
    internal void Republish(bool withSnapshots = true)
    {
        lock (_lock)
        {
            if (!_isConnected || !_retained.Republish(withSnapshots))
            {
                return;
            }
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

    /// <summary>Posts scores, stats or a recording: worth sending only while the broker is there, and the oldest goes first.</summary>
    /// <param name="isPooled">True if the payload's memory returns to the shared pool once nobody reads it any more.</param>
    internal void PostTransient(
        MessageKind kind, string topic, ReadOnlyMemory<byte> payload, DecisionTime? decision = null, bool isPooled = false)
    {
        bool isShed;
        lock (_lock)
        {
            var message = _transient.Add(kind, topic, payload, decision, isPooled);
            (message.PostedAt, message.Order) = (_time.GetTimestamp(), _order++);
            isShed = _transient.Trim(_isConnected);
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

    /// <summary>Queues everything retained ahead of what waits. True if it is now known which message cut the last connection.</summary>
    /// <param name="maximumPacketSize">What the broker says that it takes at most; null if it names no limit.</param>
    internal bool Connected(long? maximumPacketSize = null)
    {
        lock (_lock)
        {
            (_isConnected, _firstOfConnection) = (true, _order);
            _retained.Connected();
            return _cuts.Connected(maximumPacketSize);
        }
    }

    /// <summary>The connection was cut while these were on their way.</summary>
    internal void Cut(IReadOnlyList<SentMessage> onTheirWay)
    {
        lock (_lock)
        {
            _cuts.Cut(onTheirWay);
        }
    }

    /// <summary>The broker could not be reached, so it was no message that cut the connection.</summary>
    internal void BrokerAway() => Cut([]);

    /// <summary>Events wait from here on, and transient messages are dropped.</summary>
    internal void Disconnected()
    {
        int dropped;
        lock (_lock)
        {
            _isConnected = false;
            _events.ComeLate();
            dropped = _transient.Clear();
        }

        _meter.CountDroppedScores(dropped);
    }

    /// <summary>Completes when there may be something to send or to look at. A wait that can be cancelled would be an object.</summary>
    internal ValueTask<bool> WokenAsync() => _wake.WaitAsync();

    /// <summary>Ends the wait of whoever drains it.</summary>
    internal void Wake() => _wake.Call();

    /// <summary>Moves up to <paramref name="most"/> messages, first posted first, to <paramref name="batch"/>.</summary>
    /// <returns>True if it is one message, which must be acknowledged before another is sent.</returns>
    internal bool Take(List<OutboundMessage> batch, int most)
    {
        lock (_lock)
        {
            while (batch.Count < most && First() is { } message)
            {
                if (_cuts.ReasonAgainst(message) is { } reason)
                {
                    PutAside(Dequeue(message), reason);
                    continue;
                }

                var goesAlone = _cuts.GoesAlone(message);
                if (!goesAlone || batch.Count == 0)
                {
                    batch.Add(Dequeue(message));
                }

                if (goesAlone)
                {
                    return batch.Count == 1 && batch[0] == message;
                }
            }

            return false;
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

        Forget(message, isDelivered: true);
    }

    /// <summary>Nobody needs it any more: the broker has it, or will not have it.</summary>
    internal void Forget(OutboundMessage message, bool isDelivered = false)
    {
        lock (_lock)
        {
            if (isDelivered)
            {
                _cuts.Delivered(message);
            }

            if (message.IsTransient)
            {
                _transient.ReturnToPool(message);
            }
            else if (message.Kind is MessageKind.Event)
            {
                _store.Done(message.SpoolNumber);
            }
            else
            {
                _retained.Forget(message);
            }
        }
    }

    public void Dispose() => _store.Dispose();

    // Events that waited for the connection come behind all states; whoever hears of them finds what holds.
    private OutboundMessage? First()
    {
        var (next, unchanged) = (OutboundMessage.Sooner(_retained.First, _events.First), _retained.FirstUnchanged);
        var hasWaited = next?.Kind is MessageKind.Event && next.Order < _firstOfConnection;
        var idle = next is null ? unchanged ?? _retained.FirstSnapshot : hasWaited ? unchanged : null;
        return OutboundMessage.Sooner(OutboundMessage.Sooner(next, _transient.First), idle);
    }

    private OutboundMessage Dequeue(OutboundMessage first) => first.Kind switch
    {
        MessageKind.Event => _events.Take(),
        _ when first.IsTransient => _transient.Take(),
        _ => _retained.Take(first),
    };

    // What holds is kept: another broker, or this one later, may take it.
    private void PutAside(OutboundMessage message, SetAsideReason reason)
    {
        _meter.CountSetAside(reason);
        SetAside?.Invoke(message, reason);
        if (message.Kind is MessageKind.Event)
        {
            _meter.CountDroppedEvents(SpoolDrop.SetAside, 1);
            _store.Done(message.SpoolNumber);
        }
        else if (message.IsTransient)
        {
            _transient.ReturnToPool(message);
        }
    }
}
