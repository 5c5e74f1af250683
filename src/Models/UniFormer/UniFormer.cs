using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Layers;
using ActionStream.Models.Networks;

namespace ActionStream.Models.UniFormer;

/// <summary>Convolutions where the map is fine, attention where it is coarse (Li et al. 2022, UniFormer-S and -B for video).</summary>
internal sealed class UniFormer : INetwork
{
    private readonly PatchMerging[] _mergings;
    private readonly LocalBlock[][] _local;
    private readonly GlobalBlock[][] _global;
    private readonly BatchNorm _norm;
    private readonly Linear _head;

    public UniFormer(Weights weights, UniFormerShape shape)
    {
        weights = weights.Dotted;
        var c = shape.Widths;
        _mergings =
        [
            new(weights / "patch_embed1", new(3, c[0], new(3, 4, 4), new(2, 4, 4), new(1, 0, 0))),
            .. Enumerable.Range(1, 3).Select(stage =>
                PatchMerging.Between(weights / $"patch_embed{stage + 1}", c[stage - 1], c[stage], shape.MergesTime)),
        ];
        _local = [.. Enumerable.Range(0, 2).Select(stage => Stage(stage, at => new LocalBlock(at, c[stage], shape.Hidden(stage))))];
        _global =
        [
            .. Enumerable.Range(2, 2).Select(stage => Stage(
                stage, at => new GlobalBlock(at, c[stage], shape.Heads(stage), shape.Hidden(stage), shape.IsSplit))),
        ];
        _norm = new(weights / "norm", c[3]);
        _head = new(weights / "head", c[3], shape.Classes);

        TBlock[] Stage<TBlock>(int stage, Func<Weights, TBlock> block) =>
            [.. Enumerable.Range(0, shape.Depths[stage]).Select(i => block(weights / $"blocks{stage + 1}" / $"{i}"))];
    }

    /// <param name="frames">[N, T, H, W, 3]</param>
    /// <returns>[N, K] logits.</returns>
    public Tensor Apply(Tensor frames) => Classify(ClipInput.SlowFast.Apply(frames));

    /// <param name="x">[N, 3, T, H, W], normalised.</param>
    /// <returns>[N, K] logits.</returns>
    public Tensor Classify(Tensor x)
    {
        for (var stage = 0; stage < 4; stage++)
        {
            x = _mergings[stage].Apply(x); // [N, C, ⌈T/2⌉, H/4, W/4]; then half the rows and columns each time
            x = stage < 2
                ? _local[stage].Aggregate(x, (map, block) => block.Apply(map))
                : _global[stage - 2].Aggregate(x, (map, block) => block.Apply(map));
        }

        return _head.Apply(x.NormedMean(_norm));                                  // [N, K]
    }
}

/// <summary>The end that all UniFormers share.</summary>
internal static class PooledNorm
{
    extension(Tensor x)
    {
        /// <summary>The mean of the normed map. The norm is a line per channel, so the mean may come first: it
        /// norms C numbers instead of C·L.</summary>
        /// <remarks>The receiver is [N, C, T, H, W].</remarks>
        /// <returns>[N, C]</returns>
        public Tensor NormedMean(BatchNorm norm)
        {
            Dim places = x.Shape[2] * x.Shape[3] * x.Shape[4];
            var normed = norm.Apply(x); // the map itself is for verifiers
            var pooled = x.Graph.Form == GraphForm.Portable
                ? normed.Reshape(x.Shape[0], x.Shape[1], places).Mean(2)
                : norm.Apply(x.Reshape(x.Shape[0], x.Shape[1], places).Mean(2, keep: true)).Squeeze(2);
            normed.Mark(norm.Path);
            return pooled.Mark("pooled");
        }
    }
}
