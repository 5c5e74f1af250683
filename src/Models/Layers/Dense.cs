using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;

namespace ActionStream.Models.Layers;

/// <summary>A linear map of the last axis, with bias. Flax keeps the kernel as [in, out], as MatMul wants it.</summary>
internal sealed class Dense(Weights weights, int inputs, int outputs)
{
    private readonly Weight _kernel = weights.Get("kernel", inputs, outputs);
    private readonly Weight _bias = weights.Get("bias", outputs);

    /// <param name="x">[…, in] in, […, out] out.</param>
    public Tensor Apply(Tensor x)
    {
        using var _ = x.Graph.Within(weights.Path);
        return x.Affine(x.Graph.Use(_kernel), x.Graph.Use(_bias));
    }
}
