namespace ActionStream.Ingest.Decoding;

/// <summary>The time of one decoder, which never runs backwards: ffmpeg would mend that by inventing times.</summary>
/// <param name="interval">Sampling interval, D.</param>
internal sealed class DecoderTime(TimeSpan interval)
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    private TimeSpan _offset;
    private TimeSpan _newest = TimeSpan.MinValue;

    /// <summary>Another decoder begins, which may go back. What is known by the time of the one before it, as until when frames are
    /// damaged, stays as near or as far.</summary>
    public void StartOver() => _newest = TimeSpan.MinValue;

    /// <summary>When a picture is in the decoder's time.</summary>
    /// <param name="isBreak">What was decoded before it is not what comes before it in the stream.</param>
    public TimeSpan Of(TimeSpan presentation, bool isBreak, bool isHeartbeat)
    {
        if (isBreak)
        {
            // A heartbeat is one picture, and thinning would drop it in a slot that has a frame already.
            var behind = isHeartbeat ? _newest + interval - Tick : _newest;
            if (presentation + _offset is var before && before <= behind)
            {
                _offset += ((behind - before).Ticks / interval.Ticks + 1) * interval;
            }
        }

        var at = presentation + _offset;
        _newest = at > _newest ? at : _newest;
        return at;
    }
}
