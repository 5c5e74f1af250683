namespace ActionStream.Publish.Rolling;

/// <summary>Decides when a class is detected. Two thresholds, so that a wavering score makes one detection.</summary>
public sealed class Hysteresis(double enter, double leave)
{
    public bool IsActive { get; private set; }

    public bool Update(double score) => IsActive = IsActive ? score >= leave : score >= enter;

    public void Reset() => IsActive = false;
}
