using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;

namespace ActionStream.Models.Layers;

/// <summary>Brings each channel to mean 0 and variance 1 by the statistics of training (Ioffe &amp; Szegedy 2015): one
/// product and one sum per channel.</summary>
internal sealed class BatchNorm(Weights weights, int channels, float epsilon = BatchNorm.TorchEpsilon)
{
    /// <summary>PyTorch's default.</summary>
    public const float TorchEpsilon = 1e-5f;

    private readonly Weight _scale = weights.Get("weight", channels);
    private readonly Weight _bias = weights.Get("bias", channels);
    private readonly Weight _mean = weights.Get("running_mean", channels);
    private readonly Weight _variance = weights.Get("running_var", channels);

    public string Path => weights.Path;

    /// <param name="x">[N, C, …] in, [N, C, …] out.</param>
    public Tensor Apply(Tensor x)
    {
        using var _ = x.Graph.Within(weights.Path);
        var graph = x.Graph;
        return x.BatchNormalization(graph.Use(_scale), graph.Use(_bias), graph.Use(_mean), graph.Use(_variance), epsilon)
            .Mark(weights.Path);
    }

    /// <summary>The same as y = gain · x + offset, for folding into a neighbour.</summary>
    public (double[] Gain, double[] Offset) Line()
    {
        float[] scale = _scale.Read(), bias = _bias.Read(), mean = _mean.Read(), variance = _variance.Read();
        var gain = new double[channels];
        var offset = new double[channels];
        for (var i = 0; i < channels; i++)
        {
            gain[i] = scale[i] / Math.Sqrt(variance[i] + (double)epsilon);
            offset[i] = bias[i] - (mean[i] * gain[i]);
        }

        return (gain, offset);
    }
}
