namespace ActionStream.Host;

/// <summary>What scripts go by.</summary>
internal static class ExitCode
{
    public const int Good = 0;

    /// <summary>The work failed, or a threshold was missed.</summary>
    public const int Failed = 1;

    /// <summary>Wrong usage, configuration or input file: trying again unchanged will not help.</summary>
    public const int Wrong = 2;

    /// <summary>A run of the model never returned: what ran is as good as dead, and a new process may be better off.</summary>
    public const int Hung = 3;
}
