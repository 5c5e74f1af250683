using ActionStream.Ingest.Packets.Gating;

namespace ActionStream.Ingest.Decoding;

/// <summary>What one camera's gate said last, for whoever tells of it: the status, the metrics, the page. Thread-safe.</summary>
public sealed class SleepLog
{
    private readonly Action<TimeSpan, bool> _passed;
    private readonly Action<WakeReasons> _woke;
    private int _reasons = (int)WakeReasons.Learning;
    private TimeSpan? _last;

    /// <param name="passed">Told of stream time that passed, and whether it was slept through.</param>
    /// <param name="woke">Told of each waking, with why.</param>
    public SleepLog(Action<TimeSpan, bool> passed, Action<WakeReasons> woke) => (_passed, _woke) = (passed, woke);

    /// <summary>Why it is awake; <see cref="WakeReasons.None"/>: it is asleep.</summary>
    public WakeReasons Reasons => (WakeReasons)Volatile.Read(ref _reasons);

    /// <summary>Takes the gate's word on a packet.</summary>
    internal void Note(in GateStep step, TimeSpan at)
    {
        var before = (WakeReasons)_reasons;
        Volatile.Write(ref _reasons, (int)step.Reasons);
        if (_last is { } last && at > last && at - last < TimeSpan.FromMinutes(1))
        {
            _passed(at - last, before == WakeReasons.None);
        }

        _last = _last is { } newest && newest > at && newest - at < TimeSpan.FromMinutes(1) ? newest : at;
        if (before == WakeReasons.None && step.IsAwake)
        {
            _woke(step.Reasons);
        }
    }
}
