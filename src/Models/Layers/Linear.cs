using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;

namespace ActionStream.Models.Layers;

/// <summary>A linear map of the last axis, weights as PyTorch keeps them: [out, in], turned when the graph is written.</summary>
internal sealed class Linear(Weights weights, int inputs, int outputs)
{
    private readonly Weight _kernel = Turned(weights.Get("weight", outputs, inputs));
    private readonly Weight _bias = weights.Get("bias", outputs);

    /// <param name="x">[…, in] in, […, out] out.</param>
    public Tensor Apply(Tensor x)
    {
        using var _ = x.Graph.Within(weights.Path);
        return x.Affine(x.Graph.Use(_kernel), x.Graph.Use(_bias)).Mark(weights.Path);
    }

    private static Weight Turned(Weight weight)
    {
        int outputs = weight.Shape[0], inputs = weight.Shape[1];
        return new(weight.Name, [inputs, outputs], () =>
        {
            var values = weight.Read();
            var turned = new float[values.Length];
            for (var o = 0; o < outputs; o++)
            {
                for (var i = 0; i < inputs; i++)
                {
                    turned[(i * outputs) + o] = values[(o * inputs) + i];
                }
            }

            return turned;
        });
    }
}
