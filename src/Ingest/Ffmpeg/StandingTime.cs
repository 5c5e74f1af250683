namespace ActionStream.Ingest.Ffmpeg;

/// <summary>Notices a stream whose times no longer grow, though frames come: no window would ever be full again, and another connection
/// begins with times of its own.</summary>
/// <remarks>ffmpeg gives frames whose time went back the last one plus a tick. The leap of <see cref="FrameTimes"/> prevents it, and is
/// forgotten when a frame of another size comes. A camera that sets its clock back by less than a second is past it in as long.</remarks>
internal sealed class StandingTime(TimeProvider time)
{
    private const int Enough = 16;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(1.5);

    private TimeSpan? _last;
    private int _inARow;
    private long _since;

    /// <summary>True if time has stood still for sixteen frames and for more than a second and a half of their arrival.</summary>
    /// <param name="arrived">A timestamp of the clock's.</param>
    public bool Stands(TimeSpan presentation, long arrived)
    {
        var isSame = presentation - _last < Tick;
        (_last, _inARow, _since) = (presentation, isSame ? _inARow + 1 : 0, isSame ? _since : arrived);
        return _inARow >= Enough && time.GetElapsedTime(_since, arrived) > LongEnough;
    }
}
