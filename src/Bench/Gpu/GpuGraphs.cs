using ActionStream.Models.Graphs;

namespace ActionStream.Bench.Gpu;

/// <summary>Graphs that are no models: one that only multiplies, one that only has its input copied.</summary>
internal static class GpuGraphs
{
    /// <summary>Bytes [n, n] → one column of X·X·…·X, so that nothing but products takes time.</summary>
    /// <param name="products">One after the other; each costs n³ multiply-accumulates.</param>
    public static void SaveProducts(string path, int n, int products, ElementType numbers)
    {
        var graph = new Graph("products", GraphForm.Gpu);
        var bytes = graph.Input("bytes", ElementType.U8, [n, n]);

        // Random entries of variance 1/n: products keep it, so that neither zeros nor infinities make the device's work lighter than it is.
        // Scaled before the shift: a scale at the end would be drawn into the product, where its square is zero in float16.
        const float Deviation = 73.9f; // of bytes
        var scale = 1 / (Deviation * MathF.Sqrt(n));
        var x = (bytes.Cast(numbers) * In(graph, numbers, scale)) - In(graph, numbers, 127.5f * scale);
        var product = x;
        for (var i = 0; i < products; i++)
        {
            product = product.MatMul(x);
        }

        graph.Output("column", product.Slice(1, 0, 1).Cast(ElementType.F32));
        OnnxFile.Save(graph, path);
    }

    /// <summary>Bytes [N, length] → the first of each row.</summary>
    public static void SaveCopy(string path, long length)
    {
        var graph = new Graph("copy", GraphForm.Gpu);
        var bytes = graph.Input("bytes", ElementType.U8, ["N", length]);
        graph.Output("first", bytes.Slice(1, 0, 1).Cast(ElementType.F32));
        OnnxFile.Save(graph, path);
    }

    private static Tensor In(Graph graph, ElementType numbers, float value) =>
        numbers == ElementType.F32 ? graph.Scalar(value) : graph.Scalar(value).Cast(numbers);
}
