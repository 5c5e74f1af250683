using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;

namespace ActionStream.Models.Layers;

/// <summary>How a clip is cut into blocks of pixels.</summary>
/// <param name="Tubelet">Frames of a block, τ.</param>
/// <param name="Patch">Pixels of a block's side, p.</param>
/// <param name="Height">Pixels of a frame, H.</param>
/// <param name="Width">Pixels of a frame, W.</param>
public sealed record PatchGrid(int Tubelet, int Patch, int Height, int Width)
{
    public int Rows => Height / Patch;

    public int Columns => Width / Patch;

    /// <summary>P, blocks of one tubelet-frame.</summary>
    public int Count => Rows * Columns;

    /// <summary>Numbers in one block, τ·p·p·3.</summary>
    public int Numbers => Tubelet * Patch * Patch * 3;
}

/// <summary>Turns each block of pixels into one token: a convolution whose stride is its size, written as one product.</summary>
internal sealed class TubeletEmbedding(Weights weights, PatchGrid grid, int width)
{
    private readonly Weight _kernel = weights.Get("kernel", grid.Tubelet, grid.Patch, grid.Patch, 3, width).Reshape(grid.Numbers, width);
    private readonly Weight _bias = weights.Get("bias", width);

    /// <param name="frames">[N, T, H, W, 3], bytes or numbers in [-1, 1].</param>
    /// <param name="steps">T/τ</param>
    /// <returns>[N·T/τ, P, D], time first, then rows, then columns.</returns>
    public Tensor Apply(Tensor frames, int steps)
    {
        var graph = frames.Graph;
        using var _ = graph.Within(weights.Path);
        var n = frames.Shape[0];
        Dim t = grid.Tubelet, p = grid.Patch, rows = grid.Rows, columns = grid.Columns;
        var blocks = frames.Reshape(n * steps, t, rows, p, columns, p * 3)      // bytes move, not floats: a quarter of the traffic
            .Transpose(0, 2, 4, 1, 3, 5)                                        // [N·T/τ, rows, columns, τ, p, p·3]
            .Reshape(n * steps, grid.Count, grid.Numbers);                      // [N·T/τ, P, τ·p·p·3]
        return Pixels.Scale(blocks).Affine(graph.Use(_kernel), graph.Use(_bias)).Mark(weights.Path);
    }
}

/// <summary>The first nodes of every model: bytes become numbers, so that only bytes travel to the device.</summary>
internal static class Pixels
{
    /// <summary>0…255 to [-1, 1]; what is not bytes has been scaled already.</summary>
    public static Tensor Scale(Tensor x) => x.Type == ElementType.U8 ? (x.Cast(ElementType.F32) * (1 / 127.5f)) - 1f : x;
}
