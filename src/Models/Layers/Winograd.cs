using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;

namespace ActionStream.Models.Layers;

/// <summary>
/// Convolutions with about half the products along one axis (Winograd 1980; Lavin &amp; Gray 2016): neighbouring results are mixtures
/// of six products of mixtures, where each would be a sum of its own.
/// </summary>
/// <remarks>
/// Six mixtures of the map, each a quarter or a third as long, meet six mixtures of the kernel; the results are mixed from what
/// comes out. A mixture is a product with a constant matrix, borders included; those of kernels are folded when ONNX Runtime loads
/// the file, so that it keeps its size. Numbers agree with the plain form to about 1e-6 of the largest.
/// </remarks>
internal static class Winograd
{
    /// <summary>Along time.</summary>
    /// <param name="x">[N, in, T, H, W] in, [N, out, T', H', W'] out.</param>
    public static Tensor OverTime(Tensor x, Weight kernel, Weight? bias, ConvShape shape)
    {
        Dim n = x.Shape[0], c = x.Shape[1], h = x.Shape[3], w = x.Shape[4];
        var (axis, stride, padding) = (AlongTime(x.Shape, shape), shape.Stride, shape.Padding);
        var kernels = Kernels(x.Graph.Use(kernel), axis, 2);                            // 6 × [out, in·phases, 1, rows, columns]
        Shape map = [];
        var result = Along(x.Reshape(n, c, x.Shape[2], h * w), axis, (part, point) =>
        {
            var product = part.Reshape(n, c * axis.Phases, axis.Tiles, h, w).ConvUncounted(
                kernels[point], Bias(x.Graph, bias, point), [1, stride.Rows, stride.Columns], [0, padding.Rows, padding.Columns]);
            map = product.Shape;                                                        // [N, out, tiles, H', W']
            return product.Reshape(n, map[1], axis.Tiles, map[3] * map[4]);
        });
        return Counted(result.Reshape(n, map[1], axis.Results, map[3], map[4]), kernel);
    }

    /// <summary>Along rows, by a kernel that sees one frame at a time, and its rows in one phase.</summary>
    /// <param name="x">[N, in, T, H, W] in, [N, out, T, H', W'] out.</param>
    public static Tensor OverRows(Tensor x, Weight kernel, Weight? bias, ConvShape shape)
    {
        Dim n = x.Shape[0], c = x.Shape[1], t = x.Shape[2], w = x.Shape[4], outputs = shape.Outputs;
        var axis = AlongRows(x.Shape, shape);
        var kernels = Kernels(x.Graph.Use(kernel), axis, 3);                            // 6 × [out, in, 1, 1, columns]
        var result = Along(x.Reshape(n, c * t, x.Shape[3], w), axis, (part, point) =>
        {
            // No kernel sees two rows any more: frames and rows can be one axis, and the convolution one of two axes, where ONNX Runtime is quicker.
            var product = part.Reshape(n, c, t * axis.Tiles, w).ConvUncounted(
                kernels[point].Squeeze(2), Bias(x.Graph, bias, point), [1, shape.Stride.Columns], [0, shape.Padding.Columns]);
            return product.Reshape(n, outputs * t, axis.Tiles, product.Shape[3]);
        });
        return Counted(result.Reshape(n, outputs, t, axis.Results, result.Shape[3]), kernel);
    }

    public static WinogradAxis AlongTime(Shape x, ConvShape shape) => new((int)x[2].Factor, shape.Kernel.Time, shape.Stride.Time, shape.Padding.Time);

    public static WinogradAxis AlongRows(Shape x, ConvShape shape) => new((int)x[3].Factor, shape.Kernel.Rows, shape.Stride.Rows, shape.Padding.Rows);

    // [N, ·, length, ·] in and out; each part is [N, ·, phases · tiles, ·], each product [N, ·, tiles, ·].
    private static Tensor Along(Tensor x, WinogradAxis axis, Func<Tensor, int, Tensor> convolve)
    {
        var products = Mix(axis.ForMap(), x).Split(2, WinogradAxis.Points).Select(convolve).ToArray();
        return Mix(axis.ForResults(), Arranging.Concat(2, products));
    }

    // [out, in, …] → 6 × [out, in · phases, …] with one tap along the axis
    private static Tensor[] Kernels(Tensor kernel, WinogradAxis axis, int at)
    {
        var shape = kernel.Shape;
        var flat = kernel.Reshape(shape[0] * shape[1], axis.Taps, shape.Skip(at + 1).Aggregate((Dim)1, (all, side) => all * side));
        return
        [
            .. Mix(axis.ForKernel(), flat).Split(1, WinogradAxis.Points)
                .Select(part => part.Reshape([.. shape.With(1, shape[1] * axis.Phases).With(at, 1)])),
        ];
    }

    // Of the axis before the last.
    private static Tensor Mix(float[,] matrix, Tensor x) => x.Graph.Node(
        "MatMul", [x.Graph.Constant([matrix.GetLength(0), matrix.GetLength(1)], [.. matrix.Cast<float>()]), x], x.Type,
        x.Shape.With(x.Shape.Rank - 2, matrix.GetLength(0)));

    private static Tensor? Bias(Graph graph, Weight? bias, int point) => point == WinogradAxis.One && bias is not null ? graph.Use(bias) : null;

    // As the convolution it stands for: what is saved is ours.
    private static Tensor Counted(Tensor result, Weight kernel)
    {
        result.Graph.Cost(result.Shape.Elements * (int)(kernel.Elements / kernel.Shape[0]));
        return result;
    }
}
