namespace ActionStream.Inference.Scheduling;

/// <summary>What some clips ask of the model.</summary>
/// <param name="Clips">Windows to answer.</param>
/// <param name="Tubelets">Tubelets whose tokens are not known yet; zero where windows go through whole.</param>
public readonly record struct ClipWork(int Clips, int Tubelets)
{
    public static ClipWork operator +(ClipWork a, ClipWork b) => new(a.Clips + b.Clips, a.Tubelets + b.Tubelets);
}

/// <summary>t(work): how long a worker will be busy. The scheduler plans with it, the planner adds it up.</summary>
/// <param name="PerClip">The whole model, or the temporal head alone.</param>
/// <param name="PerTubelet">The frame encoder; null where windows go through whole.</param>
public sealed record ModelCosts(CostCurve PerClip, CostCurve? PerTubelet = null)
{
    /// <summary>The model in two parts, with tokens kept between windows.</summary>
    public bool KeepsTokens => PerTubelet is not null;

    public TimeSpan Of(ClipWork work) => PerClip.Of(work.Clips) + (PerTubelet?.Of(work.Tubelets) ?? TimeSpan.Zero);
}
