namespace ActionStream.Ingest.Ffmpeg;

/// <summary>Notices a stream whose times no longer grow, though frames come: no window would ever be full again, and another connection
/// begins with times of its own.</summary>
/// <remarks>ffmpeg gives frames whose time went back the last one plus a tick. The leap of <see cref="FrameTimes"/> prevents it, and is
/// forgotten when a frame of another size comes.</remarks>
internal sealed class StandingTime
{
    private const int Enough = 16;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private TimeSpan? _last;
    private int _inARow;

    /// <exception cref="Nut.NutException">Time has stood still for sixteen frames.</exception>
    public void Check(TimeSpan presentation)
    {
        _inARow = presentation - _last < Tick ? _inARow + 1 : 0;
        _last = presentation;
        if (_inARow >= Enough)
        {
            throw new Nut.NutException($"the times of {Enough} frames in a row do not grow");
        }
    }
}
