namespace ActionStream.Ingest.Packets;

/// <summary>The latest packets of one connection, from a clean start on, so that decoding can begin some seconds ago: bounded in
/// time and in bytes. Thread-safe.</summary>
/// <param name="reach">How far behind the newest packet the oldest clean start must lie; what is older goes.</param>
/// <param name="mostBytes">Most bytes held, whatever the reach: then a start may lie nearer, or there is none.</param>
public sealed class PacketRing(TimeSpan reach, long mostBytes) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Queue<(long Number, TimeSpan At)> _starts = new();
    private (Packet Packet, bool IsStart)[] _slots = new (Packet, bool)[64];
    private TimeSpan _newest = TimeSpan.MinValue;

    /// <summary>Number of the oldest packet that is held.</summary>
    public long Oldest { get; private set; }

    /// <summary>Number that the next packet will have; they count from 0.</summary>
    public long Next { get; private set; }

    /// <summary>Bytes of coded pictures held.</summary>
    public long Bytes { get; private set; }

    /// <summary>Takes the packet over.</summary>
    /// <param name="isStart">Decoding can begin with it.</param>
    /// <returns>Its number.</returns>
    public long Add(Packet packet, bool isStart)
    {
        lock (_lock)
        {
            if (Next - Oldest == _slots.Length)
            {
                Grow();
            }

            _slots[Next % _slots.Length] = (packet, isStart);
            Bytes += packet.Length;
            if (isStart)
            {
                _starts.Enqueue((Next, packet.Presentation));
            }

            _newest = packet.Presentation > _newest ? packet.Presentation : _newest;
            Next++;
            Trim();
            return Next - 1;
        }
    }

    /// <summary>A share of a packet, for the caller to dispose; null if it is gone or not there yet.</summary>
    public Packet? Share(long number)
    {
        lock (_lock)
        {
            return number >= Oldest && number < Next ? _slots[number % _slots.Length].Packet.Share() : null;
        }
    }

    /// <summary>The last clean start at or before a place in the stream; the oldest there is if all
    /// are later; null if there is none.</summary>
    public (long Number, TimeSpan At)? StartBefore(TimeSpan place)
    {
        lock (_lock)
        {
            (long, TimeSpan)? found = null;
            foreach (var start in _starts)
            {
                if (found is not null && start.At > place)
                {
                    break;
                }

                found = start;
            }

            return found;
        }
    }

    /// <summary>The newest clean start; null if there is none.</summary>
    public long? NewestStart() => StartBefore(TimeSpan.MaxValue)?.Number;

    public void Dispose()
    {
        lock (_lock)
        {
            while (Oldest < Next)
            {
                RemoveOldest();
            }
        }
    }

    // Whole groups of pictures, as long as one is left that begins early enough.
    private void Trim()
    {
        while (_starts.Count > 1 && SecondStart() is var second && (second.At <= _newest - reach || Bytes > mostBytes))
        {
            RemoveUntil(second.Number);
        }

        while (Bytes > mostBytes && Next - Oldest > 1)
        {
            RemoveOldest();
        }
    }

    private (long Number, TimeSpan At) SecondStart()
    {
        var starts = _starts.GetEnumerator();
        starts.MoveNext();
        starts.MoveNext();
        return starts.Current;
    }

    private void RemoveUntil(long number)
    {
        while (Oldest < number)
        {
            RemoveOldest();
        }
    }

    private void RemoveOldest()
    {
        ref var slot = ref _slots[Oldest % _slots.Length];
        Bytes -= slot.Packet.Length;
        slot.Packet.Dispose();
        if (slot.IsStart)
        {
            _starts.Dequeue();
        }

        slot = default;
        Oldest++;
    }

    private void Grow()
    {
        var slots = new (Packet, bool)[2 * _slots.Length];
        for (var number = Oldest; number < Next; number++)
        {
            slots[number % slots.Length] = _slots[number % _slots.Length];
        }

        _slots = slots;
    }
}
