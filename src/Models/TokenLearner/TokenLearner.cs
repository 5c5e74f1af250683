using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Layers;

namespace ActionStream.Models.TokenLearner;

/// <summary>Summarises the feature map of a frame in a few learned tokens.</summary>
internal interface ITokenLearner
{
    /// <param name="x">[B, HW, C]</param>
    /// <returns>[B, S, C]</returns>
    Tensor Apply(Tensor x);
}

/// <summary>Summarises a feature map in a few learned tokens (Ryoo et al. 2021, version 1.1).</summary>
internal sealed class TokenLearner(Weights weights, int width, int tokens, int bottleneck = TokenLearner.Bottleneck) : ITokenLearner
{
    /// <summary>The authors' default.</summary>
    public const int Bottleneck = 64;

    private readonly LayerNorm _norm = new(weights / "LayerNorm_0", width);
    private readonly Mlp _attention = new(weights / "token_masking", width, bottleneck, tokens);

    /// <param name="x">[B, HW, C]</param>
    /// <returns>[B, S, C]: each token is a weighted mean over all positions.</returns>
    public Tensor Apply(Tensor x) => ApplyAndShow(x).Tokens;

    /// <param name="x">[B, HW, C]</param>
    /// <returns>[B, S, C], and the weights of that mean, [B, S, HW]: where each token looks.</returns>
    public (Tensor Tokens, Tensor Where) ApplyAndShow(Tensor x)
    {
        using var _ = x.Graph.Within(weights.Path);
        var attention = _attention.Apply(_norm.Apply(x));                 // [B, HW, S]   how much token s wants position i
        var where = attention.Transpose(0, 2, 1).Softmax();          // [B, S, HW]
        return (where.MatMul(x).Mark(weights.Path), where);     // [B, S, C]
    }
}
