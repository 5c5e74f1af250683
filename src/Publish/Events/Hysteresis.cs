namespace ActionStream.Publish.Events;

/// <summary>Decides when a class is detected. Two thresholds, so that a wavering score makes one detection.</summary>
internal sealed class Hysteresis(double enter, double leave)
{
    private double _enter = enter;
    private double _leave = leave;

    public bool IsActive { get; private set; }

    public bool Update(double score) => IsActive = IsActive ? score >= _leave : score >= _enter;

    /// <summary>Other thresholds from the next score on.</summary>
    public void Set(double enter, double leave) => (_enter, _leave) = (enter, leave);

    public void Reset() => IsActive = false;
}
