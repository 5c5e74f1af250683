using ActionStream.Models.Graphs;

namespace ActionStream.Models.Layers;

/// <summary>The first nodes of networks that want channels first: bytes are turned, then become
/// numbers in the network's own range.</summary>
/// <param name="Mean">Of red, green, blue, as shares of 255.</param>
/// <param name="Deviation">What one unit of the network's range is, as shares of 255.</param>
internal sealed record ClipInput(IReadOnlyList<float> Mean, IReadOnlyList<float> Deviation)
{
    /// <summary>What networks trained by SlowFast's code expect, UniFormer's among them.</summary>
    public static ClipInput SlowFast { get; } = new([0.45f, 0.45f, 0.45f], [0.225f, 0.225f, 0.225f]);

    /// <param name="frames">[N, T, H, W, 3]; what is not bytes has been normalised already.</param>
    /// <returns>[N, 3, T, H, W]</returns>
    public Tensor Apply(Tensor frames)
    {
        var x = frames.Transpose(0, 4, 1, 2, 3);   // bytes move, not floats: a quarter of the traffic
        if (frames.Type != ElementType.U8)
        {
            return x;
        }

        // (v / 255 - mean) / deviation
        return (x.Cast(ElementType.F32) * PerChannel(x.Graph, i => 1 / (255.0 * Deviation[i])))
            - PerChannel(x.Graph, i => (double)Mean[i] / Deviation[i]);
    }

    private static Tensor PerChannel(Graph graph, Func<int, double> value) =>
        graph.Constant([1, 3, 1, 1, 1], [(float)value(0), (float)value(1), (float)value(2)]);
}
