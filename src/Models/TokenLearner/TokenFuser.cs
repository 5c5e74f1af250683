using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Layers;

namespace ActionStream.Models.TokenLearner;

/// <summary>Puts tokens back into the feature map they came from (Ryoo et al. 2021): tokens mix among themselves, then each
/// position takes its share of each.</summary>
/// <param name="hasNorms">Norms before and after the mixing; the norm of the features is always there.</param>
internal sealed class TokenFuser(Weights weights, int width, int tokens, int bottleneck = TokenLearner.Bottleneck, bool hasNorms = true)
{
    private readonly LayerNorm? _before = hasNorms ? new(weights / "fuser_mix_norm1", width) : null;
    private readonly Weight _mix = (weights / "Dense_0").Get("kernel", tokens, tokens).Transpose(1, 0);
    private readonly Weight _mixBias = (weights / "Dense_0").Get("bias", tokens).Reshape(tokens, 1);
    private readonly LayerNorm? _after = hasNorms ? new(weights / "fuser_mix_norm2", width) : null;
    private readonly LayerNorm _norm = new(weights / "LayerNorm_0", width);
    private readonly Mlp _share = new(weights / "token_masking", width, bottleneck, tokens);

    /// <param name="y">[B, S, C] tokens.</param>
    /// <param name="x">[B, HW, C] the map from before TokenLearner.</param>
    /// <returns>[B, HW, C], to be added to the map by the caller.</returns>
    public Tensor Apply(Tensor y, Tensor x)
    {
        var graph = x.Graph;
        using var _ = graph.Within(weights.Path);
        y = _before?.Apply(y) ?? y;
        y = graph.Use(_mix).MatMul(y) + graph.Use(_mixBias);   // [B, S, C]    a linear map of the tokens, the same for each channel
        y = _after?.Apply(y) ?? y;
        var share = _share.Apply(_norm.Apply(x)).Sigmoid();    // [B, HW, S]
        return share.MatMul(y).Mark(weights.Path);             // [B, HW, C]
    }
}
