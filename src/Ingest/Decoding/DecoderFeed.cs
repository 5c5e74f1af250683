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
internal sealed class DecoderFeed(PacketRing ring, TimeSpan interval, TimeSpan? patience)
{
    /// <summary>Packets that may wait where none is to be left out: enough that neither side waits for the other.</summary>
    private const int MostWaiting = 64;

    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    private readonly object _lock = new();
    private readonly Queue<DecodedSpan> _spans = new();
    private DecodedSpan? _last;
    private bool _isComplete;
    private long _released;
    private bool _hasBegun;
    private long _next;
    private TimeSpan _offset;
    private TimeSpan _newestAt = TimeSpan.MinValue;
    private TimeSpan? _behindAtBegin;
    private bool _seeksKey;
    private bool _isBreak;
    private TimeSpan _newest = TimeSpan.MinValue;

    /// <summary>Pictures in the decoder, by their times there.</summary>
    public FedPictures Fed { get; } = new();

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
            if (_last is not { IsHeartbeat: false, To: { } to } || to < ring.Oldest)
            {
                return false;
            }

            if (_spans.Count == 0)
            {
                _spans.Enqueue(_last); // it was taken to its end
                _hasBegun = true;
            }

            _last.To = null;
            Monitor.PulseAll(_lock);
            return true;
        }
    }

    /// <summary>Decodes nothing from this packet on.</summary>
    public void End(long to)
    {
        lock (_lock)
        {
            if (_last is { IsHeartbeat: false, To: null })
            {
                _last.To = to;
                Monitor.PulseAll(_lock);
            }
        }
    }

    /// <summary>Decodes one picture of a camera that is asleep. One that still waits is replaced.</summary>
    public void Beat(long number)
    {
        lock (_lock)
        {
            if (_last is { IsHeartbeat: true } waiting && _spans.Contains(waiting) && !(_hasBegun && _spans.Peek() == waiting))
            {
                (waiting.From, waiting.To) = (number, number + 1);
                return;
            }

            Add(new(number) { IsHeartbeat = true, To = number + 1 });
        }
    }

    /// <summary>A packet was added to the ring, and what is wanted of it has been said.</summary>
    /// <param name="number">Its number there.</param>
    public void Arrived(long number, TimeSpan presentation)
    {
        lock (_lock)
        {
            _released = number + 1;
            _newest = presentation > _newest ? presentation : _newest;
            Monitor.PulseAll(_lock);
            while (patience is null && !_isComplete && _spans.TryPeek(out var span)
                && (_hasBegun ? _next : span.From) is var at && !(at >= span.To) && ring.Next - at > MostWaiting)
            {
                Monitor.Wait(_lock);
            }
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
    }

    /// <summary>A new decoder takes over: it begins at the last clean start before what has come
    /// out, and nothing comes out twice.</summary>
    /// <param name="known">The last frame that came out and was no heartbeat; null before the first.</param>
    /// <param name="of">Its span.</param>
    public void StartOver(TimeSpan? known, DecodedSpan? of)
    {
        lock (_lock)
        {
            Fed.Clear();
            _newestAt = TimeSpan.MinValue;
            (_offset, _hasBegun) = (TimeSpan.Zero, false);
            if (_spans.Count == 0 && _last is { IsHeartbeat: false })
            {
                _spans.Enqueue(_last); // taken to its end, but its last frames may not have come out, and it may go on
            }

            if (!_spans.TryPeek(out var span) || span.IsHeartbeat)
            {
                return;
            }

            var isKnown = span == of;
            if (ring.StartBefore((isKnown ? known - interval : null) ?? TimeSpan.MinValue) is { } start && start.Number > span.From)
            {
                (span.From, span.Begin) = (start.Number, null);
            }

            span.After = isKnown ? known : span.After;
        }
    }

    /// <summary>Waits for the next packet.</summary>
    /// <returns>False when no more will come.</returns>
    /// <param name="isWanted">Asked after every wait: false when the decoder is gone.</param>
    public bool TryTake(Func<bool> isWanted, out NextPacket next)
    {
        lock (_lock)
        {
            while (isWanted())
            {
                while (_spans.TryPeek(out var over) && _hasBegun && _next >= over.To)
                {
                    _spans.Dequeue();
                    _hasBegun = false;
                }

                if (_spans.TryPeek(out var span))
                {
                    if (!_hasBegun)
                    {
                        _isBreak = span.From != _next || span.Begin is null;
                        (_next, _hasBegun, _behindAtBegin, _seeksKey) = (span.From, true, null, false);
                    }

                    if (Next(span) is { } packet)
                    {
                        next = packet;
                        if (patience is null)
                        {
                            Monitor.PulseAll(_lock);
                        }

                        return true;
                    }

                    if (_next < _released || _next >= span.To)
                    {
                        continue; // passed over, or at its end
                    }
                }

                if (_isComplete)
                {
                    break;
                }

                Monitor.Wait(_lock);
            }

            next = default;
            return false;
        }
    }

    /// <summary>Wakes whoever waits, so that it looks whether it is still wanted.</summary>
    public void Stir()
    {
        lock (_lock)
        {
            Monitor.PulseAll(_lock);
        }
    }

    private void Add(DecodedSpan span)
    {
        _spans.Enqueue(span);
        _last = span;
        Monitor.PulseAll(_lock);
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
        if (packet.Presentation < span.Begin)
        {
            packet.Dispose();
            return null;
        }

        var isBreak = _isBreak || _seeksKey;
        if (isBreak)
        {
            MoveForward(packet.Presentation, span.IsHeartbeat ? _newestAt + interval - Tick : _newestAt);
        }

        var at = packet.Presentation + _offset;
        (_seeksKey, _isBreak) = (false, false);
        _newestAt = at > _newestAt ? at : _newestAt;
        Fed.Add(at, new(packet.Presentation, packet.ArrivedAt, span));
        return new(packet, at, isBreak, span.IsHeartbeat);
    }

    // A heartbeat is one picture, and thinning would drop it in a slot that has a frame already.
    private void MoveForward(TimeSpan presentation, TimeSpan behind)
    {
        if (presentation + _offset is var at && at <= behind)
        {
            _offset += ((behind - at).Ticks / interval.Ticks + 1) * interval;
        }
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
