using ActionStream.Models.Graphs;

namespace ActionStream.Models.UniFormer;

/// <summary>How a block of the light UniFormer saves work.</summary>
/// <param name="Keep">r, share of the tokens that attention sees; 1 sees all.</param>
/// <param name="Trust">α, what a block's own attention counts for in the running importance of tokens.</param>
internal readonly record struct Shrinking(double Keep, double Trust)
{
    /// <summary>Tokens that stay, of so many.</summary>
    public int Of(long tokens) => (int)(tokens * Keep);
}

/// <summary>What the global blocks of a light UniFormer hand on.</summary>
/// <param name="Map">[N, C, T, H, W]</param>
/// <param name="Cls">[N, 1, C], the class token; the importance of tokens is its heed to them.</param>
/// <param name="Importance">[N, L], in the order of the map's tokens; null before the first block.</param>
internal sealed record LightState(Tensor Map, Tensor Cls, Tensor? Importance);
