namespace ActionStream.Inference.Scheduling;

/// <summary>Adds up what cameras ask of the model and holds it against what the workers can do. Sums only:
/// what decoding costs comes on top.</summary>
/// <param name="Costs">As measured.</param>
/// <param name="Workers">Windows that can be worked on at the same time.</param>
/// <param name="Frames">T, frames per window.</param>
/// <param name="Tubelet">τ; 1 where windows go through whole.</param>
public sealed record CapacityPlan(ModelCosts Costs, int Workers, int Frames, int Tubelet)
{
    /// <summary>Share of the workers' time, 1 for all of it.</summary>
    /// <param name="hopMultiplier">By priority; null for the hops as configured.</param>
    public double Utilisation(IEnumerable<StreamDemand> demands, IReadOnlyDictionary<Priority, int>? hopMultiplier = null) =>
        demands.Sum(demand => Utilisation(demand, hopMultiplier?[demand.Priority] ?? 1)) / Workers;

    /// <summary>Time of one decision while it has the tokens of the one before.</summary>
    public TimeSpan CostOf(int hop) => Costs.Of(new(1, Costs.KeepsTokens ? NewTubelets(hop) : 0));

    /// <summary>Cameras of one kind that fit into a share of the workers' time.</summary>
    public int Cameras(int hop, TimeSpan interval, double share) =>
        (int)Math.Floor(share * Workers * (hop * interval).TotalSeconds / CostOf(hop).TotalSeconds);

    private double Utilisation(StreamDemand demand, int hopMultiplier) =>
        hopMultiplier == 0 ? 0 : CostOf(demand.Hop * hopMultiplier).TotalSeconds / (demand.Period.TotalSeconds * hopMultiplier);

    // streaming.md §6: lcm(h, τ)/τ new tubelets per window, at most all of them.
    private int NewTubelets(int hop) => Math.Min(Frames / Tubelet, hop / GreatestDivisor(hop, Tubelet));

    private static int GreatestDivisor(int a, int b) => b == 0 ? a : GreatestDivisor(b, a % b);
}
