using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Layers;

namespace ActionStream.Models.TokenLearner;

/// <summary>How the weighted positions of a map become one token.</summary>
internal enum TokenPooling
{
    /// <summary>Added up: what the released code does.</summary>
    Sum,

    /// <summary>Averaged: what the paper's formula says.</summary>
    Mean,
}

/// <summary>Summarises a feature map in a few learned tokens (Ryoo et al. 2021, version 1.0: convolutions,
/// and a sigmoid for each position).</summary>
internal sealed class ConvTokenLearner(
    Weights weights, int width, int tokens, int rows, int columns, TokenPooling pooling = TokenPooling.Sum) : ITokenLearner
{
    private readonly LayerNorm _norm = new(weights / "LayerNorm_0", width);
    private readonly Conv3x3[] _attention =
        [.. Enumerable.Range(0, 4).Select(i => new Conv3x3(weights / $"Conv_{i}", i == 0 ? width : tokens, tokens))];

    /// <param name="x">[B, HW, C]</param>
    /// <returns>[B, S, C]</returns>
    public Tensor Apply(Tensor x)
    {
        using var _ = x.Graph.Within(weights.Path);
        var map = _norm.Apply(x).Transpose(0, 2, 1).Reshape(x.Shape[0], width, rows, columns);   // [B, C, H, W]
        foreach (var conv in _attention)
        {
            map = conv.Apply(map);                                                               // [B, S, H, W]
            map = conv == _attention[^1] ? map.Sigmoid() : map.GeluTanh();
        }

        var where = map.Reshape(x.Shape[0], tokens, rows * columns); // [B, S, HW]   how much token s wants position i
        var sums = where.MatMul(x);                                  // [B, S, C]
        return (pooling == TokenPooling.Sum ? sums : sums * (1f / (rows * columns))).Mark(weights.Path);
    }
}
