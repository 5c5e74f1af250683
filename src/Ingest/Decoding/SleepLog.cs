using ActionStream.Ingest.Packets.Gating;

namespace ActionStream.Ingest.Decoding;

/// <summary>Says what the gate of one connection makes of it, in the stream's time: how long it slept, and how much of that was never
/// decoded. On the packet reader's thread.</summary>
/// <remarks>What the ring still has may be gone back to, so that it is not decoded is known only later.</remarks>
/// <param name="reach">How far waking may go back.</param>
internal sealed class SleepLog(ISleepObserver observer, TimeSpan reach)
{
    private static readonly TimeSpan Jump = TimeSpan.FromMinutes(1);

    private bool _isAsleep;
    private TimeSpan? _last;
    private TimeSpan? _savedUpTo;

    /// <summary>Takes the gate's word on a packet.</summary>
    public void Note(in GateStep step, TimeSpan at)
    {
        if (_last is { } last && (last - at).Duration() > Jump)
        {
            (_last, _savedUpTo) = (null, _isAsleep ? at : null); // another time
        }

        if (_isAsleep && at > _last)
        {
            observer.Slept(at - _last.Value);
            Saved(at - reach);
        }

        _last = at > (_last ?? TimeSpan.MinValue) ? at : _last;
        observer.Gated(step.Reasons);
        if (!_isAsleep && !step.IsAwake)
        {
            _savedUpTo = at;
        }

        _isAsleep = !step.IsAwake;
        if (step is { IsAwake: false, IsHeartbeat: true })
        {
            observer.DecodesHeartbeat();
        }
    }

    /// <summary>It woke, and what was from here on is decoded after all.</summary>
    public void GoesBackTo(TimeSpan start)
    {
        Saved(start);
        _savedUpTo = null;
    }

    /// <summary>It woke before anything was left out.</summary>
    public void GoesOn() => _savedUpTo = null;

    private void Saved(TimeSpan upTo)
    {
        if (upTo > _savedUpTo)
        {
            observer.NotDecoded(upTo - _savedUpTo.Value);
            _savedUpTo = upTo;
        }
    }
}
