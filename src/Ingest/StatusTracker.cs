using ActionStream.Core.Results;

namespace ActionStream.Ingest;

/// <summary>Turns the comings and goings of a camera into the few words its owner wants to hear.</summary>
/// <remarks>
/// A camera that goes is reported at once. One that comes and goes again and again (a reboot loop) is back only when it
/// has stayed for a while; and a failed retry is no news, so it stays offline rather than flicker.
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
    private StreamStatus? _last;
    private long? _firstFrameAt;
    private long _countedFrom;
    private int _frames;

    public void Connecting(int epoch)
    {
        _firstFrameAt = null;
        if (_last is null)
        {
            Say(StreamState.Connecting, null, 0);
        }
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
    public void Sampled()
    {
        var now = time.GetTimestamp();
        if (_firstFrameAt is null)
        {
            (_firstFrameAt, _countedFrom, _frames) = (now, now, 0);
        }

        _frames++;
        if (_last?.State is not (StreamState.Online or StreamState.Degraded))
        {
            if (!IsFlapping(now) || time.GetElapsedTime(_firstFrameAt.Value, now) >= Settled)
            {
                Say(StreamState.Online, null, 0);
            }
        }
        else if (time.GetElapsedTime(_countedFrom, now) is var span && span >= FpsSpan)
        {
            Measure((_frames - 1) / span.TotalSeconds);
            (_countedFrom, _frames) = (now, 1);
        }
    }

    private void Measure(double fps)
    {
        var density = fps * interval.TotalSeconds;
        var isThin = density < (_last!.State == StreamState.Degraded ? Dense : Thin);
        Say(isThin ? StreamState.Degraded : StreamState.Online, isThin ? "low_density" : null, Math.Round(fps, 1));
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
            _last = next;
            report.Report(next);
        }
    }
}
