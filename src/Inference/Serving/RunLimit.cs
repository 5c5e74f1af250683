namespace ActionStream.Inference.Serving;

/// <summary>How long a run may take before it counts as one that will never return.</summary>
public static class RunLimit
{
    /// <summary>A machine that swaps, a GPU that compiles: what returns within this was slow, not hung.</summary>
    public static readonly TimeSpan Least = TimeSpan.FromSeconds(30);

    /// <summary>How many times its usual cost.</summary>
    public const int Factor = 100;

    /// <param name="expected">As measured, and followed since.</param>
    /// <param name="wanted">The setting; zero to go by the cost.</param>
    public static TimeSpan For(TimeSpan expected, TimeSpan wanted) =>
        wanted > TimeSpan.Zero ? wanted
        : expected * Factor is var generous && generous > Least ? generous
        : Least;
}
