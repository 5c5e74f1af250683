namespace ActionStream.Core.Retrying;

/// <summary>Says when a trouble that goes on is worth a line again: each kind of it at once, then ever more rarely.</summary>
/// <remarks>Not thread-safe. One trouble has several faces (a host that reboots is unreachable, refuses, then times out), so
/// each counts as new once and not at every change.</remarks>
public sealed class Reminder<T>(TimeProvider time)
    where T : notnull
{
    private static readonly TimeSpan Soonest = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Latest = TimeSpan.FromHours(1);

    private readonly HashSet<T> _said = [];
    private TimeSpan _wait = Soonest;
    private long _lastAt;

    /// <summary>True for a kind that was not said yet, and when the last word is long ago.</summary>
    public bool IsDue(T kind)
    {
        var isNew = _said.Add(kind);
        if (!isNew && time.GetElapsedTime(_lastAt) < _wait)
        {
            return false;
        }

        if (!isNew)
        {
            _wait = _wait * 2 < Latest ? _wait * 2 : Latest;
        }

        _lastAt = time.GetTimestamp();
        return true;
    }

    /// <summary>The trouble is over: whatever comes next is new.</summary>
    public void Forget()
    {
        _said.Clear();
        _wait = Soonest;
    }
}
