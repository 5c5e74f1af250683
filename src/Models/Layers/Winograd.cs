using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;

namespace ActionStream.Models.Layers;

/// <summary>
/// Convolutions with about half the products along one axis (Winograd 1980; Lavin &amp; Gray 2016): neighbouring results are mixtures
/// of six products of mixtures, where each would be a sum of its own.
/// </summary>
/// <remarks>
/// Six mixtures of the map, each a quarter or a third as long, meet six mixtures of the kernel; the results are mixed from what
/// comes out. A mixture of a map is a product with a constant matrix, borders included. Numbers agree with the plain form to about
/// 1e-6 of the largest. The price is space: a kernel's file is twice as long, or nearly.
/// </remarks>
internal static class Winograd
{
    /// <summary>Along time.</summary>
    /// <param name="x">[N, in, T, H, W] in, [N, out, T', H', W'] out.</param>
    public static Tensor OverTime(Tensor x, Weight kernel, Weight? bias, ConvShape shape)
    {
        Dim n = x.Shape[0], c = x.Shape[1], h = x.Shape[3], w = x.Shape[4];
        var (axis, stride, padding) = (AlongTime(x.Shape, shape), shape.Stride, shape.Padding);
        var kernels = Kernels(kernel, axis);                            // 6 × [out, in·phases, 1, rows, columns]
        Shape map = [];
        var result = Along(x.Reshape(n, c, x.Shape[2], h * w), axis, (part, point) =>
        {
            var product = part.Reshape(n, c * axis.Phases, axis.Tiles, h, w).ConvUncounted(
                x.Graph.Use(kernels[point]), Bias(x.Graph, bias, point), [1, stride.Rows, stride.Columns],
                [0, padding.Rows, padding.Columns]);
            map = product.Shape;                                                        // [N, out, tiles, H', W']
            return product.Reshape(n, map[1], axis.Tiles, map[3] * map[4]);
        });
        return Counted(result.Reshape(n, map[1], axis.Results, map[3], map[4]), kernel);
    }

    /// <summary>Along rows, by a kernel that sees one frame at a time, and its rows in one phase.</summary>
    /// <param name="x">[N, in, T, H, W] in, [N, out, T, H', W'] out.</param>
    public static Tensor OverRows(Tensor x, Weight kernel, Weight? bias, ConvShape shape)
    {
        Dim n = x.Shape[0], c = x.Shape[1], t = x.Shape[2], w = x.Shape[4];
        var outputs = shape.Outputs;
        var axis = AlongRows(x.Shape, shape);
        var kernels = Kernels(kernel.Reshape(outputs, shape.Inputs, axis.Taps, shape.Kernel.Columns), axis);   // 6 × [out, in, 1, columns]
        var result = Along(x.Reshape(n, c * t, x.Shape[3], w), axis, (part, point) =>
        {
            // No kernel sees two rows any more: frames and rows can be one axis, and the convolution one of
            // two axes, where ONNX Runtime is quicker.
            var product = part.Reshape(n, c, t * axis.Tiles, w).ConvUncounted(
                x.Graph.Use(kernels[point]), Bias(x.Graph, bias, point), [1, shape.Stride.Columns], [0, shape.Padding.Columns]);
            return product.Reshape(n, outputs * t, axis.Tiles, product.Shape[3]);
        });
        return Counted(result.Reshape(n, outputs, t, axis.Results, result.Shape[3]), kernel);
    }

    public static WinogradAxis AlongTime(Shape x, ConvShape shape) =>
        new((int)x[2].Factor, shape.Kernel.Time, shape.Stride.Time, shape.Padding.Time);

    public static WinogradAxis AlongRows(Shape x, ConvShape shape) =>
        new((int)x[3].Factor, shape.Kernel.Rows, shape.Stride.Rows, shape.Padding.Rows);

    // [N, ·, length, ·] in and out; each part is [N, ·, phases · tiles, ·], each product [N, ·, tiles, ·].
    private static Tensor Along(Tensor x, WinogradAxis axis, Func<Tensor, int, Tensor> convolve)
    {
        var products = Mix(axis.ForMap(), x).Split(2, WinogradAxis.Points).Select(convolve).ToArray();
        return Mix(axis.ForResults(), Arranging.Concat(2, products));
    }

    // [out, in, taps, …] → 6 × [out, in · phases, 1, …]. Written to the file: folded at loading, that needed seconds and gigabytes.
    private static Weight[] Kernels(Weight kernel, WinogradAxis axis)
    {
        int[] shape = [kernel.Shape[0], kernel.Shape[1] * axis.Phases, 1, .. kernel.Shape.Skip(3)];
        var mixed = new float[WinogradAxis.Points][];
        return [.. Enumerable.Range(0, WinogradAxis.Points).Select(point =>
            new Weight($"{kernel.Name}@{point}", shape, () => Read(point)))];

        // All are mixed when one is asked for, and each is forgotten when it was.
        float[] Read(int point)
        {
            if (mixed[point] is not { } values)
            {
                mixed = Mixed(kernel, axis, kernel.Shape.Skip(3).Aggregate(1, (all, side) => all * side));
                values = mixed[point];
            }

            mixed[point] = null!;
            return values;
        }
    }

    private static float[][] Mixed(Weight kernel, WinogradAxis axis, int behind)
    {
        var (numbers, matrix, phases) = (kernel.Read(), axis.ForKernel(), axis.Phases);
        var before = numbers.Length / axis.Taps / behind;
        var mixed = Enumerable.Range(0, WinogradAxis.Points).Select(_ => new float[before * phases * behind]).ToArray();
        for (var row = 0; row < matrix.GetLength(0) * before; row++)
        {
            var (kind, one) = (row / before, row % before);
            var target = mixed[kind / phases].AsSpan(((one * phases) + (kind % phases)) * behind, behind);
            for (var tap = 0; tap < axis.Taps; tap++)
            {
                var share = matrix[kind, tap];
                var source = numbers.AsSpan(((one * axis.Taps) + tap) * behind, behind);
                for (var i = 0; i < behind && share != 0; i++)
                {
                    target[i] += share * source[i];
                }
            }
        }

        return mixed;
    }

    // Of the axis before the last.
    private static Tensor Mix(float[,] matrix, Tensor x) => x.Graph.Node(
        "MatMul", [x.Graph.Constant([matrix.GetLength(0), matrix.GetLength(1)], [.. matrix.Cast<float>()]), x], x.Type,
        x.Shape.With(x.Shape.Rank - 2, matrix.GetLength(0)));

    private static Tensor? Bias(Graph graph, Weight? bias, int point) =>
        point == WinogradAxis.One && bias is not null ? graph.Use(bias) : null;

    // As the convolution it stands for: what is saved is ours.
    private static Tensor Counted(Tensor result, Weight kernel)
    {
        result.Graph.Cost(result.Shape.Elements * (int)(kernel.Elements / kernel.Shape[0]));
        return result;
    }
}
