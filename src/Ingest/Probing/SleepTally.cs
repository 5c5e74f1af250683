using ActionStream.Ingest.Packets.Gating;

namespace ActionStream.Ingest.Probing;

/// <summary>Adds up what the gate says while a camera is watched. Read when it has ended.</summary>
internal sealed class SleepTally(TimeProvider time) : ISleepObserver
{
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, int> _wakes = new(StringComparer.Ordinal);
    private WakeReasons? _reasons;
    private long? _learnedAt;
    private long _heardAt;
    private TimeSpan _slept;

    /// <summary>Null if no packet came.</summary>
    public SleepFacts? Facts => _reasons is not { } last ? null : new(
        _learnedAt is { } from && time.GetElapsedTime(from, _heardAt) is var watched && watched >= Enough
            ? Math.Clamp(_slept / watched, 0, 1)
            : null,
        _wakes, last.Words);

    public void Gated(WakeReasons reasons)
    {
        _heardAt = time.GetTimestamp();
        if (_reasons == WakeReasons.None && reasons != WakeReasons.None)
        {
            var word = reasons.First.Words[0];
            _wakes[word] = _wakes.GetValueOrDefault(word) + 1;
        }

        _learnedAt ??= (reasons & WakeReasons.Learning) == 0 ? _heardAt : null;
        _reasons = reasons;
    }

    public void Slept(TimeSpan time) => _slept += time;

    public void NotDecoded(TimeSpan time)
    {
    }

    public void DecodesHeartbeat()
    {
    }
}
