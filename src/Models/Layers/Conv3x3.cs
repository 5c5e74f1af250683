using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;

namespace ActionStream.Models.Layers;

/// <summary>A 3×3 convolution of frames that keeps their size, without bias. Flax keeps the kernel as [3, 3, in, out].</summary>
internal sealed class Conv3x3(Weights weights, int inputs, int outputs)
{
    private readonly Weight _kernel = weights.Get("kernel", 3, 3, inputs, outputs).Transpose(3, 2, 0, 1);   // [out, in, 3, 3]

    /// <param name="x">[B, in, H, W] in, [B, out, H, W] out.</param>
    public Tensor Apply(Tensor x)
    {
        using var _ = x.Graph.Within(weights.Path);
        return x.Conv(x.Graph.Use(_kernel), bias: null, stride: [1, 1], padding: [1, 1])
            .Mark(weights.Path, map => map.Transpose(0, 2, 3, 1));
    }
}
