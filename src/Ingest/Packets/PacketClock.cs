namespace ActionStream.Ingest.Packets;

/// <summary>Dates packets: by the stream's own times, or by arrival where its container carries none and ffmpeg counts pictures as if there
/// were 25 a second.</summary>
/// <param name="isInvented">The times that come with the packets are a count.</param>
public sealed class PacketClock(bool isInvented, TimeProvider time)
{
    private long? _firstAt;
    private TimeSpan _last = TimeSpan.MinValue;

    /// <summary>Where the packet belongs in the stream.</summary>
    /// <param name="presentation">As the container has it.</param>
    /// <param name="arrivedAt">Time stamp of its last byte.</param>
    public TimeSpan Date(TimeSpan presentation, long arrivedAt)
    {
        if (!isInvented)
        {
            return presentation;
        }

        _firstAt ??= arrivedAt;
        var arrival = time.GetElapsedTime(_firstAt.Value, arrivedAt);
        _last = arrival > _last ? arrival : _last + TimeSpan.FromTicks(1); // read together, sent one after the other
        return _last;
    }
}
