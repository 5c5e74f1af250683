using ActionStream.Ingest.Windowing;

namespace ActionStream.Ingest.Decoding;

/// <summary>Which pictures of a stream without any that needs another (MJPEG) are worth decoding: those that the time grid takes. The
/// decoder's own thinning would drop the others once they are decoded.</summary>
/// <param name="interval">Sampling interval, D.</param>
internal sealed class SlotKeys(TimeSpan interval)
{
    private readonly TimeGrid _grid = new(interval, interval);

    /// <param name="isBreak">What was decoded before it is not what comes before it in the stream.</param>
    public bool Takes(TimeSpan presentation, bool isBreak)
    {
        if (isBreak)
        {
            _grid.Reset();
        }

        return _grid.Place(presentation).Verdict != GridVerdict.Duplicate;
    }
}
