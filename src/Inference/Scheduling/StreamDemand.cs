namespace ActionStream.Inference.Scheduling;

/// <summary>Whose windows are shed first when the machine cannot carry all cameras. The words of the setting `priority`.</summary>
public enum Priority
{
    /// <summary>Its windows are shed first.</summary>
    Low,
    Normal,

    /// <summary>A key camera: its windows are shed last, and it is never paused while another can be.</summary>
    High,
}

/// <summary>What one camera asks of the scheduler.</summary>
/// <param name="Hop">Sampled frames from one window to the next.</param>
/// <param name="Interval">Time between two sampled frames.</param>
/// <param name="Deadline">Latency budget: age, counted from the arrival of the window's last frame, at which an answer is not
/// worth computing; zero for never.</param>
public sealed record StreamDemand(string Stream, int Hop, TimeSpan Interval, TimeSpan Deadline, Priority Priority = Priority.Normal)
{
    /// <summary>Time from one decision to the next.</summary>
    public TimeSpan Period => Hop * Interval;
}
