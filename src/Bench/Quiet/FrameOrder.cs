using ActionStream.Ingest.Windowing;

namespace ActionStream.Bench.Quiet;

/// <summary>Which frames of a recording are sampled, and by which packet a decoder can have given each: what a live camera's
/// decoder, which is far faster than its camera, has given by then.</summary>
internal sealed class FrameOrder
{
    private readonly TimeSpan?[] _latest;

    /// <param name="shown">Places of all frames, in the order in which they are shown.</param>
    public FrameOrder(IReadOnlyList<TimeSpan> shown, WindowSpec window)
    {
        var grid = new TimeGrid(window.Interval, window.MaxGap);
        _latest = new TimeSpan?[shown.Count + 1];
        for (var i = 0; i < shown.Count; i++)
        {
            _latest[i + 1] = grid.Place(shown[i]).Verdict == GridVerdict.Duplicate ? _latest[i] : shown[i];
        }
    }

    /// <summary>All frames.</summary>
    public int Count => _latest.Length - 1;

    /// <summary>The last sampled frame that has come out once so many packets went in; null before the first.</summary>
    /// <param name="delay">Pictures that the decoder holds back to put them in order.</param>
    public TimeSpan? LatestDue(int packets, int delay) => _latest[Math.Clamp(packets - delay, 0, Count)];
}
