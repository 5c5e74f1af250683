using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;

namespace ActionStream.Models.Layers;

/// <summary>How a clip is cut into blocks of pixels. What does not fill a block at the right, the bottom or the end is not seen.</summary>
/// <param name="Tubelet">Frames of a block, τ.</param>
/// <param name="PatchHeight">Pixels of a block, top to bottom.</param>
/// <param name="PatchWidth">Pixels of a block, left to right.</param>
/// <param name="Height">Pixels of a frame, H.</param>
/// <param name="Width">Pixels of a frame, W.</param>
internal sealed record PatchGrid(int Tubelet, int PatchHeight, int PatchWidth, int Height, int Width)
{
    /// <summary>Square blocks, p pixels wide.</summary>
    public PatchGrid(int tubelet, int patch, int height, int width)
        : this(tubelet, patch, patch, height, width)
    {
    }

    /// <summary>True for single frames, whose kernels have no axis of time.</summary>
    public bool IsFrame { get; init; }

    public int Rows => Height / PatchHeight;

    public int Columns => Width / PatchWidth;

    /// <summary>P, blocks of one tubelet-frame.</summary>
    public int Count => Rows * Columns;

    /// <summary>Numbers in one block, τ·p·p·3.</summary>
    public int Numbers => Tubelet * PatchHeight * PatchWidth * 3;

    /// <summary>T', tubelets in so many frames.</summary>
    public int Steps(int frames) => frames / Tubelet;
}

/// <summary>Turns each block of pixels into one token: a convolution whose stride is its size, written as one product.</summary>
internal sealed class TubeletEmbedding(Weights weights, PatchGrid grid, int width)
{
    private readonly Weight _kernel = Kernel(weights, grid, width);
    private readonly Weight _bias = weights.Get("bias", width);

    /// <param name="frames">[N, T, H, W, 3], bytes or numbers in [-1, 1].</param>
    /// <param name="steps">T/τ</param>
    /// <returns>[N·T/τ, P, D], time first, then rows, then columns.</returns>
    public Tensor Apply(Tensor frames, int steps)
    {
        var graph = frames.Graph;
        using var _ = graph.Within(weights.Path);
        var n = frames.Shape[0];
        Dim t = grid.Tubelet, p = grid.PatchHeight, q = grid.PatchWidth, rows = grid.Rows, columns = grid.Columns;
        var seen = frames.Slice(1, 0, steps * grid.Tubelet).Slice(2, 0, grid.Rows * grid.PatchHeight)
            .Slice(3, 0, grid.Columns * grid.PatchWidth);
        var blocks = seen.Reshape(n * steps, t, rows, p, columns, q * 3)        // bytes move, not floats: a quarter of the traffic
            .Transpose(0, 2, 4, 1, 3, 5)                                        // [N·T/τ, rows, columns, τ, p, p·3]
            .Reshape(n * steps, grid.Count, grid.Numbers);                      // [N·T/τ, P, τ·p·p·3]
        return Pixels.Scale(blocks).Affine(graph.Use(_kernel), graph.Use(_bias)).Mark(weights.Path);
    }

    private static Weight Kernel(Weights weights, PatchGrid grid, int width) =>
        (grid.IsFrame
            ? weights.Get("kernel", grid.PatchHeight, grid.PatchWidth, 3, width)
            : weights.Get("kernel", grid.Tubelet, grid.PatchHeight, grid.PatchWidth, 3, width)).Reshape(grid.Numbers, width);
}

/// <summary>The first nodes of every model: bytes become numbers, so that only bytes travel to the device.</summary>
internal static class Pixels
{
    /// <summary>0…255 to [-1, 1]; what is not bytes has been scaled already.</summary>
    public static Tensor Scale(Tensor x) => x.Type == ElementType.U8 ? (x.Cast(ElementType.F32) * (1 / 127.5f)) - 1f : x;
}
