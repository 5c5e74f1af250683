using ActionStream.Models.Graphs;

namespace ActionStream.Models.UniFormer;

/// <summary>One set of numbers in two orders: a map [N, C, T, H, W] for convolutions, tokens [N, L, C] for attention; time
/// first, then rows, then columns.</summary>
internal static class TokenMap
{
    extension(Tensor x)
    {
        /// <summary>[N, C, T, H, W] → [N, T·H·W, C]</summary>
        public Tensor ToTokens() =>
            x.Reshape(x.Shape[0], x.Shape[1], x.Shape[2] * x.Shape[3] * x.Shape[4]).Transpose(0, 2, 1);

        /// <summary>[N, T·H·W, C] → [N, C, T, H, W] of the shape of a map with as many places.</summary>
        public Tensor ToMap(Shape like) =>
            x.Transpose(0, 2, 1).Reshape(x.Shape[0], x.Shape[2], like[2], like[3], like[4]);
    }
}
