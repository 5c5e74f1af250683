using ActionStream.Core.Results;
using ActionStream.Ingest.Quality;
using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest;

/// <summary>Turns the comings and goings of a camera into the few words its owner reports.</summary>
/// <remarks>
/// A camera that goes is reported at once. One that comes and goes again and again (a reboot loop) is back only when it
/// has stayed for a while; and a failed retry is no news, so it stays offline rather than flicker. What is wrong with its
/// frames is news when it lasts.
/// </remarks>
/// <param name="interval">Sampling interval: what a full set of frames would be.</param>
public sealed class StatusTracker(
    string stream, TimeSpan interval, IProgress<StreamStatus> report, CameraMeter meter, TimeProvider time) : IConnectionObserver
{
    private const double Thin = 0.75;
    private const double Dense = 0.9;
    private const int Flaps = 3;

    private static readonly TimeSpan FlapSpan = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FpsSpan = TimeSpan.FromSeconds(10);

    private readonly Queue<long> _losses = new();
    private readonly StreamHealth _snapshots = new();
    private StreamStatus? _last;
    private long? _firstFrameAt;
    private long _countedFrom;
    private int _frames;
    private long _lastFrameAt;
    private bool _isThin;

    public void Connecting(int epoch)
    {
        _firstFrameAt = null;
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
        _firstFrameAt = null;
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

        _firstFrameAt = null;
        Say(StreamState.Offline, reason.Label, 0);
    }

    /// <summary>Nobody will try again.</summary>
    /// <param name="fault">Why; null if a recorded source came to its end.</param>
    public void Ended(SourceFault? fault)
    {
        _firstFrameAt = null;
        Say(StreamState.Offline, (fault ?? SourceFault.Ended).Label, 0);
    }

    /// <summary>A sampled frame arrived.</summary>
    /// <param name="marks">What is wrong with it and would make the camera degraded if it lasted.</param>
    /// <param name="isClockRunningAway">The stream's times are not ours.</param>
    public void Sampled(FrameMarks marks = FrameMarks.None, bool isClockRunningAway = false)
    {
        var now = time.GetTimestamp();
        if (_firstFrameAt is null)
        {
            (_firstFrameAt, _countedFrom, _frames, _lastFrameAt, _isThin) = (now, now, 0, now, false);
            _snapshots.Reset();
        }

        _frames++;
        var fault = _snapshots.Update(marks, time.GetElapsedTime(_lastFrameAt, now));
        _lastFrameAt = now;
        if (_last?.State is not (StreamState.Online or StreamState.Degraded))
        {
            if (!IsFlapping(now) || time.GetElapsedTime(_firstFrameAt.Value, now) >= Settled)
            {
                Say(StreamState.Online, null, 0);
            }

            return;
        }

        var fps = _last.Fps;
        if (time.GetElapsedTime(_countedFrom, now) is var span && span >= FpsSpan)
        {
            fps = Measure((_frames - 1) / span.TotalSeconds);
            (_countedFrom, _frames) = (now, 1);
        }

        var reason = fault ?? (isClockRunningAway ? StreamReasons.ClockDrift : _isThin ? StreamReasons.LowDensity : null);
        if (reason != _last.Reason || fps != _last.Fps) // asked at every frame, so nothing is made for no news
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
        var next = new StreamStatus(stream, state, reason, since, fps);
        if (next != _last)
        {
            meter.State = state;
            report.Report(next); // before it counts as told: one that throws is told again
            _last = next;
        }
    }
}
