using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Layers;

namespace ActionStream.Models.UniFormer;

/// <summary>Every token asks all tokens; query, key and value are one product.</summary>
internal sealed class TokenAttention(Weights weights, int width, int heads)
{
    private readonly Linear _qkv = new(weights / "qkv", width, 3 * width);
    private readonly Linear _proj = new(weights / "proj", width, width);

    /// <param name="x">[B, M, C] in, [B, M, C] out.</param>
    public Tensor Apply(Tensor x)
    {
        using var _ = x.Graph.Within(weights.Path);
        var parts = _qkv.Apply(x).Split(2, 3);                                              // 3 × [B, M, C]
        return _proj.Apply(parts[0].Attend(parts[1], parts[2], heads)).Mark(weights.Path);
    }

    /// <summary>As <see cref="Apply(Tensor)"/>, and how much the first token heeds each token, as a mean over the heads.</summary>
    /// <param name="x">[B, M, C]</param>
    /// <returns>[B, M, C] and [B, M]</returns>
    public (Tensor Values, Tensor Heed) ApplyWithHeed(Tensor x)
    {
        using var _ = x.Graph.Within(weights.Path);
        var parts = _qkv.Apply(x).Split(2, 3);
        var (attended, heed) = parts[0].AttendWithHeed(parts[1], parts[2], heads);
        return (_proj.Apply(attended).Mark(weights.Path), heed);
    }
}

/// <summary>Two linear maps with an exact GELU between, on each token alone.</summary>
internal sealed class TokenMlp(Weights weights, int width, int hidden)
{
    private readonly Linear _widen = new(weights / "fc1", width, hidden);
    private readonly Linear _narrow = new(weights / "fc2", hidden, width);

    /// <param name="x">[B, M, C] in, [B, M, C] out.</param>
    public Tensor Apply(Tensor x)
    {
        using var _ = x.Graph.Within(weights.Path);
        return _narrow.Apply(_widen.Apply(x).Gelu()).Mark(weights.Path);
    }
}
