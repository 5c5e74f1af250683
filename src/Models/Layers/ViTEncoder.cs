using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;

namespace ActionStream.Models.Layers;

/// <summary>ViT's encoder (Dosovitskiy et al. 2021): tokens get their places, meet in the blocks, and are summed up in one vector: the
/// class token's, or the mean of all.</summary>
/// <param name="tokens">Tokens of one sequence, without a class token.</param>
/// <param name="cls">[1, 1, D], goes in front; null takes the mean.</param>
internal sealed class ViTEncoder(Weights weights, EncoderShape shape, int tokens, Weight? cls)
{
    private readonly Weight _places =
        (weights / "posembed_input").Get("pos_embedding", 1, cls is null ? tokens : 1 + tokens, shape.Width);
    private readonly Encoder _blocks = new(weights, shape);
    private readonly LayerNorm _norm = new(weights / "encoder_norm", shape.Width);

    /// <param name="x">[B, P, D]</param>
    /// <returns>[B, D]</returns>
    public Tensor Apply(Tensor x)
    {
        var graph = x.Graph;
        x = cls is null ? x : Arranging.Concat(1, graph.Use(cls).ExpandLike(x, 0), x);            // [B, 1 + P, D]
        x = (x + graph.Use(_places)).Mark((weights / "posembed_input").Path);
        if (cls is null)
        {
            return _norm.Apply(_blocks.Apply(x)).Mean(1);                                         // [B, D]
        }

        var first = _norm.Apply(_blocks.ApplyToFirst(x)); // [B, 1, D]   only the class token is read
        first.Mark((weights / "encoder_norm").Path, _ => _norm.Apply(graph.Reveal(_blocks.Last) ?? first));
        return first.Squeeze(1);
    }
}
