using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;

namespace ActionStream.Models.Layers;

/// <summary>Two linear maps with a GELU between, on each token alone.</summary>
internal sealed class Mlp(Weights weights, int inputs, int hidden, int outputs)
{
    private readonly Dense _widen = new(weights / "Dense_0", inputs, hidden);
    private readonly Dense _narrow = new(weights / "Dense_1", hidden, outputs);

    /// <param name="x">[…, C] in, […, out] out.</param>
    public Tensor Apply(Tensor x)
    {
        using var _ = x.Graph.Within(weights.Path);
        return _narrow.Apply(_widen.Apply(x).GeluTanh()).Mark(weights.Path);
    }
}
