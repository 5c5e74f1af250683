using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Networks;

namespace ActionStream.Models;

/// <summary>Parameters and multiply-accumulates of one module, by its path in the checkpoint.</summary>
public sealed record ModuleCost(string Module, long Parameters, long Macs);

/// <summary>What a network costs: every product of its graph for one clip, and every number of its weights.</summary>
/// <remarks>
/// One multiply-accumulate is one; published "FLOPs" of these models mean the same. Counted are convolutions, products
/// and attention; not counted are biases, norms, activations, pooling and resizing.
/// </remarks>
public sealed record ModelCost(long Parameters, long Macs, IReadOnlyList<ModuleCost> Modules);

/// <summary>Counts a network from its graph, so that what is counted is what runs.</summary>
public static class FlopCounter
{
    /// <summary>One clip through the preset as papers count it: every token of every layer.</summary>
    public static ModelCost Count(Preset preset, Measures? measures = null) =>
        Count(preset, measures ?? preset.Measures, GraphForm.Portable);

    /// <summary>One clip through the preset as it is built: a last layer whose class token alone is read computes no other.</summary>
    public static ModelCost CountAsBuilt(Preset preset, Measures? measures = null) =>
        Count(preset, measures ?? preset.Measures, GraphForm.Cpu);

    /// <summary>Multiply-accumulates of one tubelet's frame encoder and of one window's temporal head, as built; null
    /// where the preset cannot be split.</summary>
    public static (long Encoder, long Head)? CountParts(Preset preset, Measures measures) =>
        preset.Make(new Weights(new NoNumbers()), measures) is IStreamingNetwork network
            ? (Macs(ModelGraphs.FrameEncoder(network, measures, form: GraphForm.Cpu)),
                Macs(ModelGraphs.TemporalHead(network, measures, GraphForm.Cpu)))
            : null;

    private static ModelCost Count(Preset preset, Measures measures, GraphForm form)
    {
        var weights = new Weights(new NoNumbers());
        var network = preset.Make(weights, measures);
        return Count(ModelGraphs.Whole(network, measures, form: form), weights.Taken);
    }

    internal static ModelCost Count(Graph graph, IReadOnlyList<Weight> weights)
    {
        var parameters = weights.Where(weight => weight.IsParameter).GroupBy(weight => Module(weight.Name))
            .ToDictionary(group => group.Key, group => group.Sum(weight => weight.Elements));
        var macs = graph.Costs.GroupBy(cost => Module(cost.Scope))
            .ToDictionary(group => group.Key, group => group.Sum(cost => cost.Macs.At(1)));
        var modules = weights.Select(weight => Module(weight.Name))
            .Concat(graph.Costs.Select(cost => Module(cost.Scope)))
            .Distinct()
            .Select(module => new ModuleCost(module, parameters.GetValueOrDefault(module), macs.GetValueOrDefault(module)))
            .ToList();
        return new(modules.Sum(module => module.Parameters), modules.Sum(module => module.Macs), modules);
    }

    /// <summary>Multiply-accumulates of a graph for a batch of one.</summary>
    internal static long Macs(Graph graph) => graph.Costs.Sum(cost => cost.Macs.At(1));

    // Two names deep: SpatialTransformer/encoderblock_3 is a module, its layers are not. A top-level layer is itself a module.
    private static string Module(string path) => path.Split('/', '.') switch
    {
        [var top, "kernel" or "bias" or "scale" or "weight" or "running_mean" or "running_var"] => top,
        [var top, var second, ..] => path[..(top.Length + 1 + second.Length)],
        _ => path,
    };
}
