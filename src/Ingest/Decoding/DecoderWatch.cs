namespace ActionStream.Ingest.Decoding;

/// <summary>Tells a decoder that hangs from one that has nothing to do, or whose frames nobody takes. Thread-safe.</summary>
/// <param name="patience">How long it may take packets and give no frame, or not take one.</param>
internal sealed class DecoderWatch(TimeSpan patience, TimeProvider time)
{
    /// <summary>More packets than a codec that reorders holds back.</summary>
    private const int Many = 24;

    /// <summary>A picture that is decoded alone comes out at once: the third that does not is enough, while the ring still has what the
    /// camera sent before it fell asleep.</summary>
    private const int Alone = Many / 3;

    private readonly Lock _lock = new();
    private long? _writingSince;
    private long? _takingSince;
    private int _taken;
    private bool _isHandingOver;

    /// <summary>A new decoder begins.</summary>
    public void Begin()
    {
        lock (_lock)
        {
            (_writingSince, _takingSince, _taken, _isHandingOver) = (null, null, 0, false);
        }
    }

    /// <summary>A packet is being written to it, or was.</summary>
    /// <param name="isAlone">What comes after it in the stream is not decoded.</param>
    public void Writes(bool isBegin, bool isAlone = false)
    {
        lock (_lock)
        {
            _writingSince = isBegin ? time.GetTimestamp() : null;
            if (!isBegin)
            {
                _takingSince ??= time.GetTimestamp();
                _taken += isAlone ? Alone : 1;
            }
        }
    }

    /// <summary>A frame came out and waits to be taken, or was taken.</summary>
    public void HandsOver(bool isBegin)
    {
        lock (_lock)
        {
            (_isHandingOver, _takingSince, _taken) = (isBegin, null, 0);
            _writingSince = _writingSince is null ? null : time.GetTimestamp(); // it waited for us
        }
    }

    /// <summary>Asked with every packet that arrives.</summary>
    public bool IsHung()
    {
        lock (_lock)
        {
            return !_isHandingOver && (IsLongAgo(_writingSince) || (_taken >= Many && IsLongAgo(_takingSince)));
        }
    }

    private bool IsLongAgo(long? since) => since is { } at && time.GetElapsedTime(at) > patience;
}
