using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Layers;

namespace ActionStream.Models.UniFormer;

/// <summary>A block of the first two stages: every place looks at its neighbours within 5×5×5, by learned weights that
/// do not depend on what is there.</summary>
internal sealed class LocalBlock(Weights weights, int width, int hidden, bool hasGains = false)
{
    private readonly Conv _place = new(weights / "pos_embed", ConvShape.Depthwise(width, 3));
    private readonly BatchNorm _norm1 = new(weights / "norm1", width);
    private readonly Conv _value = new(weights / "conv1", ConvShape.Pointwise(width, width));
    private readonly Conv _affinity = new(weights / "attn", ConvShape.Depthwise(width, 5));
    private readonly Conv _out = new(weights / "conv2", ConvShape.Pointwise(width, width));
    private readonly BatchNorm _norm2 = new(weights / "norm2", width);
    private readonly Conv _widen = new(weights / "mlp" / "fc1", ConvShape.Pointwise(width, hidden));
    private readonly Conv _narrow = new(weights / "mlp" / "fc2", ConvShape.Pointwise(hidden, width));
    private readonly Weight? _gain1 = hasGains ? weights.Get("gamma_1", 1, width, 1, 1, 1) : null;
    private readonly Weight? _gain2 = hasGains ? weights.Get("gamma_2", 1, width, 1, 1, 1) : null;

    /// <param name="x">[N, C, T, H, W] in, [N, C, T, H, W] out.</param>
    public Tensor Apply(Tensor x)
    {
        using var _ = x.Graph.Within(weights.Path);
        x += _place.Apply(x);
        x += _out.Apply(_affinity.Apply(_value.Apply(_norm1, x))).Times(_gain1);
        x += _narrow.Apply(_widen.Apply(_norm2, x).Gelu()).Mark($"{weights.Path}.mlp").Times(_gain2);
        return x.Mark(weights.Path);
    }
}

/// <summary>Words that both kinds of block use.</summary>
internal static class BlockWords
{
    extension(Tensor x)
    {
        /// <summary>Scaled per channel, where the block has such gains.</summary>
        public Tensor Times(Weight? gain) => gain is null ? x : x * x.Graph.Use(gain);
    }

    extension(Conv conv)
    {
        /// <summary>The convolution of the normed map; as one step, unless the graph is to read like its textbook.</summary>
        public Tensor Apply(BatchNorm norm, Tensor x)
        {
            var normed = norm.Apply(x); // marked for verifiers; not written to the file if nothing reads it
            return x.Graph.Form == GraphForm.Portable ? conv.Apply(normed) : conv.After(norm).Apply(x);
        }
    }
}
