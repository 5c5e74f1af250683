namespace ActionStream.Ingest.Packets.Gating;

/// <summary>How careful a gate is. The defaults come from recordings made for it, and lean to being awake.</summary>
public sealed record GateOptions
{
    /// <summary>Shortest time in which nothing moves before the camera sleeps: longer than a window and what an event takes to begin,
    /// so that whatever is half decided is decided.</summary>
    public TimeSpan Quiet { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>Quiet time from which this camera's costs are learned before it sleeps for the first time.</summary>
    public TimeSpan Learning { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>Least time between two pictures that are decoded while asleep.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Heartbeats in a row that do not differ, after which they are twice as far apart, where bits suffice for that.</summary>
    public int CalmHeartbeats { get; init; } = 8;

    /// <summary>Longest time from one place where decoding can begin to the next: going back, and seeing what bits do not show,
    /// must have a bound.</summary>
    public TimeSpan KeyDistance { get; init; } = TimeSpan.FromSeconds(10.5);

    /// <summary>How far beyond the most that quiet pictures cost others must be, as a share of that.</summary>
    public double Margin { get; init; } = 0.25;

    /// <summary>Most that a quiet picture may cost for each of its blocks of 16 x 16 pixels, in bytes at quantiser 0: beyond, noise hides
    /// what moves.</summary>
    public double MostCost { get; init; } = 120;

    /// <summary>Most that the pictures of half a second must cost beyond quiet ones on the average to be noticed, in the same measure,
    /// where a coder quantises as H.264's 28 does. Less where it is finer, since motion costs less then; and where heartbeats are more
    /// than two seconds and a half apart: then bits alone must tell.</summary>
    public double MostThreshold { get; init; } = 6;

    /// <summary>The same for pictures without a quantiser (MJPEG), as a share of a picture.</summary>
    public double MostShare { get; init; } = 0.002;

    /// <summary>The quiet time that suits windows of a length and events that take a time to begin.</summary>
    public static TimeSpan QuietFor(TimeSpan window, TimeSpan minDuration) =>
        (window > TimeSpan.FromSeconds(2) ? window : TimeSpan.FromSeconds(2)) + minDuration + TimeSpan.FromSeconds(1.5);
}
