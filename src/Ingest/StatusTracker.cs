using ActionStream.Core.Results;
using ActionStream.Ingest.Packets.Gating;
using ActionStream.Ingest.Quality;
using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest;

/// <summary>Turns the comings and goings of a camera into the few words its owner reports.</summary>
/// <remarks>
/// A camera that goes is reported at once. One that comes and goes again and again (a reboot loop) is back only when it
/// has stayed for a while; and a failed retry is no news, so it stays offline rather than flicker. What is wrong with its
/// frames is news when it lasts. Asleep or awake is told by its frames; why it is awake by its gate, when it wakes and then no
/// more often than its frame rate is. How many frames come is judged while it is awake.
/// </remarks>
/// <param name="interval">Sampling interval: what a full set of frames would be.</param>
public sealed class StatusTracker(
    string stream, TimeSpan interval, IProgress<StreamStatus> report, CameraMeter meter, TimeProvider time)
    : IConnectionObserver, ISleepObserver
{

    private const double Thin = 0.75;
    private const double Dense = 0.9;
    private const int Flaps = 3;

    private static readonly TimeSpan FlapSpan = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FpsSpan = TimeSpan.FromSeconds(10);

    private readonly Queue<long> _losses = new();
    private readonly StreamHealth _snapshots = new();
    private readonly SleepState _sleep = new(time);
    private StreamStatus? _last;
    private long? _firstFrameAt;
    private long _countedFrom;
    private int _frames;
    private long _lastFrameAt;
    private bool _isThin;
    private long _newestArrival;

    /// <summary>Which camera it is.</summary>
    public string Stream => stream;

    public void Connecting(int epoch)
    {
        Leave();
        if (_last is null or { State: StreamState.Disabled })
        {
            Say(StreamState.Connecting, null, 0);
        }
    }

    /// <summary>It sends, and is waited for: nothing can be decoded before a key frame.</summary>
    public void LacksKeyFrame() => Say(
        _last is { State: StreamState.Offline } ? StreamState.Offline : StreamState.Connecting, SourceFault.NoKeyFrame.Label, 0);

    public void SwitchedOff()
    {
        Leave();
        _losses.Clear(); // our doing
        Say(StreamState.Disabled, null, 0);
    }

    public void Lost(int epoch, SourceFault? fault)
    {
        var reason = fault ?? SourceFault.Ended;
        meter.Lost(reason);
        if (_firstFrameAt is not null)
        {
            _losses.Enqueue(time.GetTimestamp());
        }

        Leave();
        Say(StreamState.Offline, reason.Label, 0);
    }

    /// <summary>Nobody will try again.</summary>
    /// <param name="fault">Why; null if a recorded source came to its end.</param>
    public void Ended(SourceFault? fault)
    {
        Leave();
        Say(StreamState.Offline, (fault ?? SourceFault.Ended).Label, 0);
    }

    /// <inheritdoc />
    /// <remarks>Told with the next frame.</remarks>
    public void Gated(WakeReasons reasons)
    {
        var before = _sleep.Gate(reasons);
        if (before != reasons)
        {
            meter.IsAsleep = reasons == WakeReasons.None;
            if (before == WakeReasons.None)
            {
                meter.Woke(reasons);
            }
        }
    }

    /// <inheritdoc />
    public void Slept(TimeSpan time) => meter.Asleep(time);

    /// <inheritdoc />
    public void NotDecoded(TimeSpan time) => meter.NotDecoded(time);

    /// <inheritdoc />
    public void DecodesHeartbeat() => meter.Heartbeat();

    /// <summary>A sampled frame arrived: it is awake.</summary>
    /// <param name="marks">What is wrong with it and would make the camera degraded if it lasted.</param>
    /// <param name="isClockRunningAway">The stream's times are not ours.</param>
    /// <param name="arrivedAt">Time stamp when it was read; now unless given. Who wakes goes back, and those frames are no rate.</param>
    public void Sampled(FrameMarks marks = FrameMarks.None, bool isClockRunningAway = false, long? arrivedAt = null)
    {
        var now = time.GetTimestamp();
        Begin(now);
        if (_sleep.WakeUp())
        {
            (_countedFrom, _frames, _newestArrival) = (now, 0, now);
        }

        if ((arrivedAt ?? now) >= _newestArrival)
        {
            _frames++;
            _newestArrival = arrivedAt ?? now;
        }

        if (_sleep.Current is null)
        {
            _sleep.Refresh();
        }

        Judge(marks, isClockRunningAway, now);
    }

    /// <summary>The one frame in a while came that is decoded of a camera that is asleep.</summary>
    /// <param name="marks">As for one that is awake.</param>
    /// <param name="isClockRunningAway">Likewise.</param>
    public void Heartbeat(FrameMarks marks = FrameMarks.None, bool isClockRunningAway = false)
    {
        var now = time.GetTimestamp();
        Begin(now);
        _sleep.FallAsleep();
        Judge(marks, isClockRunningAway, now);
    }

    private void Begin(long now)
    {
        if (_firstFrameAt is null)
        {
            (_firstFrameAt, _countedFrom, _frames, _lastFrameAt, _isThin, _newestArrival) = (now, now, 0, now, false, 0);
            _snapshots.Reset();
        }
    }

    private void Leave()
    {
        (_firstFrameAt, meter.IsAsleep) = (null, false);
        _sleep.Clear();
    }

    private void Judge(FrameMarks marks, bool isClockRunningAway, long now)
    {
        var fault = _snapshots.Update(marks, time.GetElapsedTime(_lastFrameAt, now));
        _lastFrameAt = now;
        if (_last?.State is not (StreamState.Online or StreamState.Degraded))
        {
            if (!IsFlapping(now) || time.GetElapsedTime(_firstFrameAt ?? now, now) >= Settled)
            {
                Say(StreamState.Online, null, 0);
            }

            return;
        }

        var fps = _last.Fps;
        if (!_sleep.IsAsleep && time.GetElapsedTime(_countedFrom, now) is var span && span >= FpsSpan)
        {
            fps = Measure((_frames - 1) / span.TotalSeconds);
            (_countedFrom, _frames) = (now, 1);
            _sleep.Refresh();
        }

        var isThin = _isThin && !_sleep.IsAsleep;
        var reason = fault ?? (isClockRunningAway ? StreamReasons.ClockDrift : isThin ? StreamReasons.LowDensity : null);
        var isNews = reason != _last.Reason || fps != _last.Fps || !ReferenceEquals(_sleep.Current, _last.Sleep);
        if (isNews) // asked at every frame, so nothing is made for no news
        {
            Say(reason is null ? StreamState.Online : StreamState.Degraded, reason, fps);
        }
    }

    private double Measure(double fps)
    {
        _isThin = fps * interval.TotalSeconds < (_isThin ? Dense : Thin);
        return Math.Round(fps, 1);
    }

    private bool IsFlapping(long now)
    {
        while (_losses.TryPeek(out var oldest) && time.GetElapsedTime(oldest, now) > FlapSpan)
        {
            _losses.Dequeue();
        }

        return _losses.Count >= Flaps;
    }

    private void Say(StreamState state, string? reason, double fps)
    {
        var since = _last is { } last && last.State == state ? last.Since : time.GetUtcNow();
        var next = new StreamStatus(stream, state, reason, since, fps)
        {
            Sleep = state is StreamState.Online or StreamState.Degraded ? _sleep.Current : null,
        };
        if (next != _last)
        {
            meter.State = state;
            report.Report(next); // before it counts as told: one that throws is told again
            _last = next;
        }
    }
}
