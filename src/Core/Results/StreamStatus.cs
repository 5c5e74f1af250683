namespace ActionStream.Core.Results;

/// <summary>How a camera is doing, in the words of its status topic.</summary>
public enum StreamState
{
    /// <summary>Trying to open it.</summary>
    Connecting,

    /// <summary>Frames arrive.</summary>
    Online,

    /// <summary>Frames arrive, but too few or of poor quality.</summary>
    Degraded,

    /// <summary>No connection; another try will follow, or <see cref="StreamStatus.Reason"/> says why not.</summary>
    Offline,

    /// <summary>Switched off by its owner.</summary>
    Disabled,
}

/// <summary>The latest word on one camera.</summary>
/// <param name="Stream">The camera's key in the configuration.</param>
/// <param name="Reason">A word from a closed set (auth, timeout, refused, not_found, codec, stalled, ended, broken, internal …, or one
/// of <see cref="StreamReasons"/>); null while all is well.</param>
/// <param name="Since">When this state began.</param>
/// <param name="Fps">Frames per second lately, after thinning; of a camera that is asleep what was last counted of it awake; 0 while
/// offline.</param>
public sealed record StreamStatus(string Stream, StreamState State, string? Reason, DateTimeOffset Since, double Fps)
{
    /// <summary>Whether it sleeps; null for one that is away, and where nobody asks whether it may.</summary>
    public StreamSleep? Sleep { get; init; }

    /// <summary>It is there, and not decoded because nothing happens in it.</summary>
    public bool IsAsleep => Sleep is { IsAsleep: true };

    /// <summary>Frames arrive and show nothing to go by.</summary>
    public bool IsBlind => State == StreamState.Degraded && Reason is StreamReasons.Frozen or StreamReasons.Dark or StreamReasons.Corrupt;
}

/// <summary>Why a camera is <see cref="StreamState.Degraded"/>.</summary>
public static class StreamReasons
{
    /// <summary>Too few frames for the model's rate.</summary>
    public const string LowDensity = "low_density";

    /// <summary>The same frame for longer than a living camera would send it.</summary>
    public const string Frozen = "frozen";

    /// <summary>Black, or covered.</summary>
    public const string Dark = "dark";

    /// <summary>Its times run faster or slower than ours, by more than any clock does: frames are dated by their arrival.</summary>
    public const string ClockDrift = "clock_drift";

    /// <summary>Most frames come from shortly after a decoding error.</summary>
    public const string Corrupt = "corrupt";
}
