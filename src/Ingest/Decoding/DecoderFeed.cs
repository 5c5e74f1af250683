using ActionStream.Ingest.Packets;

namespace ActionStream.Ingest.Decoding;

/// <summary>Which packets of the ring the decoder gets, and when in its own time. Thread-safe: one thread
/// says what is wanted, one takes.</summary>
/// <remarks>
/// Going back in the ring would make the decoder's time run backwards, which ffmpeg mends by inventing times. So a span that begins earlier
/// than the decoder's last picture is moved forward, by whole sampling intervals: the slots of the time grid stay where they are.
/// </remarks>
/// <param name="interval">Sampling interval, D.</param>
/// <param name="patience">How far the decoder may fall behind, beyond what a span begins with, before packets are left out; null where none
/// ever is, and whoever reads packets waits.</param>
internal sealed class DecoderFeed(PacketRing ring, TimeSpan interval, TimeSpan? patience) : IDisposable
{
    /// <summary>Packets that may wait where none is to be left out: enough that neither side waits for the other.</summary>
    private const int MostWaiting = 64;

    private readonly object _lock = new();
    private readonly AutoResetEvent _stirred = new(false); // set when no lock is held: or who wakes waits once more, for the lock
    private readonly DecoderTime _time = new(interval);
    private readonly SpanQueue _spans = new(ring, interval);
    private readonly FedPictures _fed = new();
    private bool _isAwaited;
    private bool _isComplete;
    private long _released;
    private bool _hasBegun;
    private long _next;
    private TimeSpan? _behindAtBegin;
    private bool _seeksKey;
    private bool _isBreak;
    private TimeSpan _newest = TimeSpan.MinValue;
    private SlotKeys? _slots;

    /// <summary>No picture needs another: those that no slot of the time grid takes are not decoded.</summary>
    public bool IsAllKeys { set => _slots = value ? new(interval) : null; }

    /// <summary>Packets left out because the decoder was slower than the stream.</summary>
    public long LeftOut { get; private set; }

    /// <summary>Decodes from here on, until <see cref="End"/>.</summary>
    public void Begin(DecodedSpan span)
    {
        lock (_lock)
        {
            Add(span);
        }
    }

    /// <summary>Goes on where the last span ended, if nothing was decoded since and no packet is gone: as if it had not ended.</summary>
    public bool TryGoOn()
    {
        lock (_lock)
        {
            if (_spans.Last is not { IsHeartbeat: false, To: { } to } last || to < ring.Oldest)
            {
                return false;
            }

            if (_spans.Current is null)
            {
                _spans.GoOn(); // it was taken to its end
                _hasBegun = true;
            }

            last.To = null;
            _stirred.Set();
            return true;
        }
    }

    /// <summary>Decodes nothing from this packet on.</summary>
    public void End(long to)
    {
        lock (_lock)
        {
            if (_spans.Last is { IsHeartbeat: false, To: null } last)
            {
                last.To = to;
                Monitor.PulseAll(_lock);
                _stirred.Set();
            }
        }
    }

    /// <summary>Decodes one picture of a camera that is asleep. One that still waits is replaced.</summary>
    public void Beat(long number)
    {
        lock (_lock)
        {
            if (_spans is { Last: { IsHeartbeat: true } waiting, Current: { } current } && !(_hasBegun && current == waiting))
            {
                (waiting.From, waiting.To, waiting.Begin) = (number, number + 1, null);
                return;
            }

            Add(new(number) { IsHeartbeat = true, To = number + 1 });
        }
    }

    /// <summary>A packet was added to the ring, and what is wanted of it has been said.</summary>
    /// <param name="number">Its number there.</param>
    public void Arrived(long number, TimeSpan presentation)
    {
        bool isAwaited;
        lock (_lock)
        {
            _released = number + 1;
            _newest = presentation > _newest ? presentation : _newest;
            isAwaited = _isAwaited && _spans.Current is not null;
            while (patience is null && !_isComplete && _spans.Current is { } span
                && (_hasBegun ? _next : span.From) is var at && !(at >= span.To) && ring.Next - at > MostWaiting)
            {
                _stirred.Set();
                Monitor.Wait(_lock);
            }
        }

        if (isAwaited)
        {
            _stirred.Set();
        }
    }

    /// <summary>No packet will be added any more.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            _isComplete = true;
            Monitor.PulseAll(_lock);
        }

        _stirred.Set();
    }

    /// <summary>A frame came out of the decoder.</summary>
    /// <param name="at">Its time there.</param>
    /// <returns>Its picture; null for a time that nobody fed.</returns>
    public FedPicture? CameOut(TimeSpan at)
    {
        var picture = _fed.Take(at);
        if (picture is { } known)
        {
            lock (_lock)
            {
                _spans.CameOut(known);
            }
        }

        return picture;
    }

    /// <summary>A new decoder takes over: it begins at the last clean start before what has come
    /// out, and nothing comes out twice.</summary>
    public void StartOver()
    {
        lock (_lock)
        {
            _fed.Clear();
            _time.StartOver();
            LeftOut += _spans.StartOver();
            (_hasBegun, _next) = (false, -1);
        }
    }

    /// <summary>Waits for the next packet.</summary>
    /// <returns>False when no more will come.</returns>
    /// <param name="isWanted">Asked after every wait: false when the decoder is gone.</param>
    public bool TryTake(Func<bool> isWanted, out NextPacket next)
    {
        for (next = default; isWanted(); _stirred.WaitOne())
        {
            lock (_lock)
            {
                _isAwaited = false;
                if (Next() is { } packet)
                {
                    next = packet;
                    if (patience is null)
                    {
                        Monitor.PulseAll(_lock);
                    }

                    return true;
                }

                if (_isComplete)
                {
                    return false;
                }

                _isAwaited = true;
            }
        }

        return false;
    }

    /// <summary>Wakes whoever waits, so that it looks whether it is still wanted.</summary>
    public void Stir() => _stirred.Set();

    public void Dispose() => _stirred.Dispose();

    private void Add(DecodedSpan span)
    {
        _spans.Add(span);
        _stirred.Set();
    }

    private NextPacket? Next()
    {
        while (true)
        {
            while (_spans.Current is { } over && _hasBegun && _next >= over.To)
            {
                _spans.Pass();
                _hasBegun = false;
            }

            if (_spans.Current is not { } span)
            {
                return null;
            }

            if (!_hasBegun)
            {
                _isBreak = span.From != _next || span.Begin is null;
                (_next, _hasBegun, _behindAtBegin, _seeksKey) = (span.From, true, null, false);
            }

            if (Next(span) is var packet && (packet is not null || (_next >= _released && !(_next >= span.To))))
            {
                return packet; // null: all that was released is taken
            }
        }
    }

    private NextPacket? Next(DecodedSpan span)
    {
        if (_next >= span.To || _next >= _released)
        {
            return null;
        }

        if (ring.Share(_next) is not { } packet || IsTooFarBehind(packet))
        {
            LeaveOut(span);
            return null;
        }

        _next++;
        if (_seeksKey && !packet.IsKey)
        {
            LeftOut++;
            packet.Dispose();
            return null;
        }

        span.Begin ??= packet.Presentation;
        var isBreak = _isBreak || _seeksKey;
        if (packet.Presentation < span.Begin || (!span.IsHeartbeat && _slots?.Takes(packet.Presentation, isBreak) == false))
        {
            packet.Dispose();
            return null;
        }

        var at = _time.Of(packet.Presentation, isBreak, span.IsHeartbeat);
        (_seeksKey, _isBreak) = (false, false);
        _fed.Add(at, new(packet.Presentation, packet.ArrivedAt, span, _next - 1));
        return new(packet, at, isBreak, span.IsHeartbeat);
    }

    private bool IsTooFarBehind(Packet packet)
    {
        // A packet is here before its arrival is told.
        var behind = (_newest > packet.Presentation ? _newest : packet.Presentation) - packet.Presentation;
        _behindAtBegin ??= behind;
        if (patience is null || behind <= _behindAtBegin + patience || ring.NewestStart() is not { } start || start <= _next)
        {
            return false;
        }

        packet.Dispose();
        return true;
    }

    // A packet that is gone, or a decoder that falls further and further behind: on from the newest clean start.
    private void LeaveOut(DecodedSpan span)
    {
        var to = ring.NewestStart() is { } start && start > _next ? start : _released;
        to = to > span.To ? span.To.Value : to;
        LeftOut += to - _next;
        (_next, _seeksKey, _behindAtBegin, span.Begin) = (to, true, null, null);
    }
}
