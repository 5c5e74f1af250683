using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Layers;
using ActionStream.Models.Networks;

namespace ActionStream.Models.UniFormer;

/// <summary>Measures of a light UniFormer beyond those of a full one.</summary>
/// <param name="Stages">As in the full one.</param>
/// <param name="Global">How each block of the last two stages shrinks its tokens.</param>
/// <param name="HasGains">Whether blocks scale what they add, per channel (layer scale).</param>
internal sealed record LightShape(UniFormerShape Stages, IReadOnlyList<IReadOnlyList<Shrinking>> Global, bool HasGains);

/// <summary>UniFormer that carries a class token whose heed tells which tokens are worth attending to (UniFormer-XXS and -XS).</summary>
internal sealed class UniFormerLight : INetwork
{
    private readonly Conv _stem1;
    private readonly BatchNorm _stemNorm1;
    private readonly Conv _stem2;
    private readonly BatchNorm _stemNorm2;
    private readonly PatchMerging[] _mergings;
    private readonly LocalBlock[][] _local;
    private readonly ShrinkingBlock[][] _global;
    private readonly Weight _cls;
    private readonly Linear _clsWiden;
    private readonly BatchNorm _norm;
    private readonly Linear _head;

    public UniFormerLight(Weights weights, LightShape shape)
    {
        weights = weights.Dotted;
        var (c, stages) = (shape.Stages.Widths, shape.Stages);
        var stem = weights / "patch_embed1" / "proj";
        _stem1 = new(stem / "0", new(3, c[0] / 2, Extent.Cube(3), new(1, 2, 2), Extent.Cube(1)));
        _stemNorm1 = new(stem / "1", c[0] / 2);
        _stem2 = new(stem / "3", new(c[0] / 2, c[0], Extent.Cube(3), Extent.Cube(2), Extent.Cube(1)));
        _stemNorm2 = new(stem / "4", c[0]);
        _mergings = [.. Enumerable.Range(1, 3).Select(stage =>
            PatchMerging.Between(weights / $"patch_embed{stage + 1}", c[stage - 1], c[stage], stages.MergesTime))];
        _local = [.. Enumerable.Range(0, 2).Select(stage =>
            Stage(stage, (at, _) => new LocalBlock(at, c[stage], stages.Hidden(stage), shape.HasGains)))];
        _global =
        [
            .. Enumerable.Range(2, 2).Select(stage => Stage(stage, (at, i) => new ShrinkingBlock(
                at, c[stage], stages.Heads(stage), stages.Hidden(stage), shape.Global[stage - 2][i], shape.HasGains))),
        ];
        _cls = weights.Get("cls_token", 1, 1, c[2]);
        _clsWiden = new(weights / "cls_upsample", c[2], c[3]);
        _norm = new(weights / "norm", c[3]);
        _head = new(weights / "head", c[3], stages.Classes);

        // The class token's own head served training. It is counted with the parameters and never runs.
        (weights / "norm_cls").Find("weight", c[3]);
        (weights / "norm_cls").Find("bias", c[3]);
        (weights / "head_cls").Find("weight", stages.Classes, c[3]);
        (weights / "head_cls").Find("bias", stages.Classes);

        TBlock[] Stage<TBlock>(int stage, Func<Weights, int, TBlock> block) =>
            [.. Enumerable.Range(0, stages.Depths[stage]).Select(i => block(weights / $"blocks{stage + 1}" / $"{i}", i))];
    }

    /// <param name="frames">[N, T, H, W, 3]</param>
    /// <returns>[N, K] logits.</returns>
    public Tensor Apply(Tensor frames) => Classify(ClipInput.SlowFast.Apply(frames));

    /// <param name="x">[N, 3, T, H, W], normalised.</param>
    /// <returns>[N, K] logits.</returns>
    public Tensor Classify(Tensor x)
    {
        x = Stem(x);                                                                              // [N, C1, ⌈T/2⌉, H/4, W/4]
        x = _local[0].Aggregate(x, (map, block) => block.Apply(map));
        x = _local[1].Aggregate(_mergings[0].Apply(x), (map, block) => block.Apply(map));         // [N, C2, T', H/8, W/8]

        x = _mergings[1].Apply(x);                                                                // [N, C3, T', H/16, W/16]
        var state = new LightState(x, x.Graph.Use(_cls).ExpandLike(x, 0), null);
        state = _global[0].Aggregate(state, (carried, block) => block.Apply(carried));
        state = _global[1].Aggregate(Coarser(state), (carried, block) => block.Apply(carried));   // [N, C4, T', H/32, W/32]
        return _head.Apply(state.Map.NormedMean(_norm));                                          // [N, K]
    }

    private Tensor Stem(Tensor x)
    {
        if (x.Graph.Form == GraphForm.Portable)
        {
            x = _stemNorm1.Apply(_stem1.Apply(x)).Gelu().Mark("patch_embed1.proj.2");
            return _stemNorm2.Apply(_stem2.Apply(x)).Mark("patch_embed1");
        }

        x = _stem1.Then(_stemNorm1).Apply(x).Gelu().Mark("patch_embed1.proj.2");
        return _stem2.Then(_stemNorm2).Apply(x).Mark("patch_embed1");
    }

    private LightState Coarser(LightState state)
    {
        var map = _mergings[2].Apply(state.Map);
        var importance = state.Importance!.Coarser(state.Map.Shape).Mark($"blocks3.{_global[0].Length - 1}.global_attn");
        return new(map, _clsWiden.Apply(state.Cls), importance);
    }
}

/// <summary>Words of the running importance of tokens.</summary>
internal static class Importance
{
    extension(Tensor x)
    {
        /// <summary>The mean of each 2×2 places, scaled so that the sum stays: later blocks mix it with shares that sum to one.</summary>
        /// <remarks>The receiver is [N, L] of a map of that shape.</remarks>
        /// <returns>[N, L']</returns>
        public Tensor Coarser(Shape map)
        {
            Dim n = map[0], t = map[2], rows = map[3].Factor / 2, columns = map[4].Factor / 2;
            var pooled = x.Graph.Node(
                "AveragePool", [x.Reshape(n * t, 1, map[3], map[4])], x.Type, [n * t, 1, rows, columns],
                Graphs.Attribute.List("kernel_shape", 2, 2), Graphs.Attribute.List("strides", 2, 2)).Reshape(n, t * rows * columns);
            return pooled * x.Total().Per(pooled.Total());
        }

        /// <summary>[N, L] → [N, 1]</summary>
        public Tensor Total() => x.Graph.Node(
            "ReduceSum", [x, x.Graph.Constant([1L])], x.Type, x.Shape.With(1, 1), Graphs.Attribute.Of("keepdims", 1));

        public Tensor Per(Tensor other) => x.Graph.Node("Div", [x, other], x.Type, Shape.Broadcast(x.Shape, other.Shape, "Div"));

        /// <summary>A product that the published counts leave out, because it is one row.</summary>
        public Tensor MatMulUncounted(Tensor other) =>
            x.Graph.Node("MatMul", [x, other], x.Type, [x.Shape[0], x.Shape[1], other.Shape[2]]);
    }
}
