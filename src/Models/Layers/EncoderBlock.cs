using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;

namespace ActionStream.Models.Layers;

/// <summary>Measures of a transformer encoder.</summary>
/// <param name="Layers">Blocks.</param>
/// <param name="Width">Channels of a token, D.</param>
/// <param name="Heads">Parts that attend alone.</param>
/// <param name="Hidden">Channels inside the MLP.</param>
internal sealed record EncoderShape(int Layers, int Width, int Heads, int Hidden);

/// <summary>Pre-norm transformer block.</summary>
internal sealed class EncoderBlock(Weights weights, EncoderShape shape)
{
    private readonly LayerNorm _norm0 = new(weights / "LayerNorm_0", shape.Width);
    private readonly SelfAttention _attention = new(weights / "MultiHeadDotProductAttention_0", shape.Width, shape.Heads);
    private readonly LayerNorm _norm1 = new(weights / "LayerNorm_1", shape.Width);
    private readonly Mlp _mlp = new(weights / "MlpBlock_0", shape.Width, shape.Hidden, shape.Width);

    /// <param name="x">[B, N, D] in, [B, N, D] out.</param>
    public Tensor Apply(Tensor x)
    {
        using var _ = x.Graph.Within(weights.Path);
        x += _attention.Apply(_norm0.Apply(x));
        x += _mlp.Apply(_norm1.Apply(x));
        return x.Mark(weights.Path);
    }

    /// <summary>The first token only: exactly row 0 of <see cref="Apply"/>, without the work for the others.</summary>
    /// <param name="x">[B, N, D] in, [B, 1, D] out.</param>
    /// <remarks>A portable graph keeps to the textbook, and so do its counts.</remarks>
    public Tensor ApplyToFirst(Tensor x)
    {
        if (x.Graph.Form == GraphForm.Portable)
        {
            return Apply(x).Slice(1, 0, 1);
        }

        using var _ = x.Graph.Within(weights.Path);
        var all = _norm0.Apply(x);                                         // [B, N, D]
        var first = x.Slice(1, 0, 1) + _attention.Apply(all.Slice(1, 0, 1), all);   // [B, 1, D]
        first += _mlp.Apply(_norm1.Apply(first));
        first.Mark(weights.Path, _ => Apply(x)); // a verifier who asks gets them all
        return first;
    }
}

/// <summary>Blocks one after the other.</summary>
internal sealed class Encoder(Weights weights, EncoderShape shape)
{
    private readonly EncoderBlock[] _blocks =
        [.. Enumerable.Range(0, shape.Layers).Select(layer => new EncoderBlock(weights / $"encoderblock_{layer}", shape))];

    /// <summary>Path of the last block.</summary>
    public string Last { get; } = (weights / $"encoderblock_{shape.Layers - 1}").Path;

    /// <param name="x">[B, N, D] in, [B, N, D] out.</param>
    public Tensor Apply(Tensor x) => _blocks.Aggregate(x, (tokens, block) => block.Apply(tokens));

    /// <summary>The first token of the last block.</summary>
    /// <param name="x">[B, N, D] in, [B, 1, D] out.</param>
    public Tensor ApplyToFirst(Tensor x) =>
        _blocks[^1].ApplyToFirst(_blocks.SkipLast(1).Aggregate(x, (tokens, block) => block.Apply(tokens)));
}
