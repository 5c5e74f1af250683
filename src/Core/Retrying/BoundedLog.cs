namespace ActionStream.Core.Retrying;

/// <summary>Lets a few lines a minute through, for what others can cause as often as they like. Thread-safe.</summary>
public sealed class BoundedLog(TimeProvider time, int aMinute = 1)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private long? _since;
    private int _said;
    private int _others;

    /// <param name="others">How many were not let through since the last that was.</param>
    public bool IsDue(out int others)
    {
        lock (_lock)
        {
            if (_since is not { } since || time.GetElapsedTime(since) >= Minute)
            {
                (_since, _said) = (time.GetTimestamp(), 0);
            }

            var isDue = _said < aMinute;
            others = isDue ? _others : _others + 1;
            _others = isDue ? 0 : others;
            _said += isDue ? 1 : 0;
            return isDue;
        }
    }
}
