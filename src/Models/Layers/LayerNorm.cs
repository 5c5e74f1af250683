using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;

namespace ActionStream.Models.Layers;

/// <summary>Brings each token to mean 0 and variance 1, then scales and shifts it (Ba et al. 2016).</summary>
internal sealed class LayerNorm(Weights weights, int width, float epsilon = LayerNorm.FlaxEpsilon, string scale = "scale")
{
    /// <summary>Flax's default. PyTorch's is 1e-5; the difference shows in the logits.</summary>
    public const float FlaxEpsilon = 1e-6f;

    // PyTorch calls it weight.
    private readonly Weight _scale = weights.Get(scale, width);
    private readonly Weight _bias = weights.Get("bias", width);

    /// <param name="x">[…, C] in, [..., C] out.</param>
    public Tensor Apply(Tensor x)
    {
        using var _ = x.Graph.Within(weights.Path);
        return x.LayerNormalization(x.Graph.Use(_scale), x.Graph.Use(_bias), epsilon).Mark(weights.Path);
    }
}
