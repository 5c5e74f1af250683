using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Layers;

namespace ActionStream.Models.UniFormer;

/// <summary>Makes a map coarser and deeper: one convolution that steps as far as it sees, then a layer norm of the channels.</summary>
internal sealed class PatchMerging(Weights weights, ConvShape shape)
{
    private readonly Conv _proj = new(weights / "proj", shape);
    private readonly LayerNorm _norm = new(weights / "norm", shape.Outputs, LayerNorm.TorchEpsilon, "weight");

    /// <summary>Between two stages: half the rows, half the columns; an odd last one is left out.</summary>
    public static PatchMerging Between(Weights weights, int inputs, int outputs, bool mergesTime) => new(
        weights,
        mergesTime
            ? new(inputs, outputs, new(3, 2, 2), new(1, 2, 2), new(1, 0, 0))
            : new(inputs, outputs, new(1, 2, 2), new(1, 2, 2), new(0, 0, 0)));

    /// <param name="x">[N, C, T, H, W] in, [N, C', T', H', W'] out.</param>
    public Tensor Apply(Tensor x)
    {
        using var _ = x.Graph.Within(weights.Path);
        var merged = _proj.Apply(x);
        return _norm.Apply(merged.ToTokens()).ToMap(merged.Shape).Mark(weights.Path);
    }
}
