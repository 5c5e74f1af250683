namespace ActionStream.Ingest.Decoding;

/// <summary>A stretch of packets to be decoded one after the other, from a clean start on.</summary>
/// <param name="from">Number of its first packet in the ring.</param>
internal sealed class DecodedSpan(long from)
{
    /// <summary>Number of its first packet.</summary>
    public long From { get; set; } = from;

    /// <summary>Number of the first packet that is no longer part of it; null while it goes on.</summary>
    public long? To { get; set; }

    /// <summary>One picture, decoded while the camera is asleep.</summary>
    public bool IsHeartbeat { get; init; }

    /// <summary>The camera was asleep before it.</summary>
    public bool EndsSleep { get; init; }

    /// <summary>Frames up to this place are known already, or of a slot that whole decoding may
    /// have filled with an earlier frame.</summary>
    public TimeSpan? After { get; set; }

    /// <summary>Where its first picture is shown: what is shown before and decoded after it needs pictures from before it.</summary>
    public TimeSpan? Begin { get; set; }
}
