using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Layers;

namespace ActionStream.Models.UniFormer;

/// <summary>A block of the last two stages: every place of every frame looks at all others; or, split, at its own past and future
/// first and at its own frame then.</summary>
internal sealed class GlobalBlock(Weights weights, int width, int heads, int hidden, bool isSplit)
{
    /// <summary>Inside blocks; elsewhere the authors left PyTorch's default.</summary>
    public const float Epsilon = 1e-6f;

    private readonly Conv _place = new(weights / "pos_embed", ConvShape.Depthwise(width, 3));
    private readonly LayerNorm? _timeNorm = isSplit ? new(weights / "t_norm", width, Epsilon, "weight") : null;
    private readonly TokenAttention? _time = isSplit ? new(weights / "t_attn", width, heads) : null;
    private readonly LayerNorm _norm1 = new(weights / "norm1", width, Epsilon, "weight");
    private readonly TokenAttention _attention = new(weights / "attn", width, heads);
    private readonly LayerNorm _norm2 = new(weights / "norm2", width, Epsilon, "weight");
    private readonly TokenMlp _mlp = new(weights / "mlp", width, hidden);

    /// <param name="map">[N, C, T, H, W] in, [N, C, T, H, W] out.</param>
    public Tensor Apply(Tensor map)
    {
        using var _ = map.Graph.Within(weights.Path);
        var x = (map + _place.Apply(map)).ToTokens();                                                 // [N, L, C]
        x += _time is null ? _attention.Apply(_norm1.Apply(x)) : Split(x, map.Shape);
        x += _mlp.Apply(_norm2.Apply(x));
        return x.ToMap(map.Shape).Mark(weights.Path);
    }

    // What attention over time gives, with its own residual, is only what attention over space sees: the caller's residual is x itself.
    private Tensor Split(Tensor x, Shape map)
    {
        Dim n = map[0], t = map[2], places = map[3] * map[4], c = map[1];
        var byPlace = x.Reshape(n, t, places, c).Transpose(0, 2, 1, 3).Reshape(n * places, t, c);     // [N·H·W, T, C]
        byPlace += _time!.Apply(_timeNorm!.Apply(byPlace));
        var byFrame = byPlace.Reshape(n, places, t, c).Transpose(0, 2, 1, 3).Reshape(n * t, places, c); // [N·T, H·W, C]
        return _attention.Apply(_norm1.Apply(byFrame)).Reshape(n, t * places, c);                     // [N, L, C]
    }
}
