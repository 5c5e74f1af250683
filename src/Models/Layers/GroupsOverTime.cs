using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;

namespace ActionStream.Models.Layers;

/// <summary>
/// A convolution in groups over time and space, written as one over space: the frames that a kernel sees are channels of their group,
/// and a group that gives too few channels for a vector gives several frames at once.
/// </summary>
/// <remarks>
/// ONNX Runtime has kernels for groups of whole vectors in images; those in clips it does as small products, one after the other,
/// at a fifth of the speed. The price is that the map is written down again, once for each frame a kernel sees.
/// </remarks>
internal static class GroupsOverTime
{
    /// <summary>Channels of a vector with AVX-512; what is a multiple of it is one of the narrower ones too.</summary>
    private const int Vector = 16;

    /// <summary>True if groups come out as whole vectors. Groups of four channels do not: seven in
    /// eight products would be with zeros.</summary>
    public static bool Fits(ConvShape shape)
    {
        var (inputs, outputs) = (shape.Inputs / shape.Groups, shape.Outputs / shape.Groups);
        return shape.Groups > 1 && shape.Kernel.Time > 1 && outputs * Frames(shape) % Vector == 0 && inputs * Seen(shape) % Vector == 0;
    }

    /// <param name="x">[N, in, T, H, W] in, [N, out, T', H', W'] out.</param>
    public static Tensor Apply(Tensor x, Weight kernel, Weight? bias, ConvShape shape)
    {
        var graph = x.Graph;
        Dim n = x.Shape[0], h = x.Shape[3], w = x.Shape[4];
        int frames = Frames(shape), seen = Seen(shape), step = shape.Stride.Time;
        var results = (((int)x.Shape[2].Factor + (2 * shape.Padding.Time) - shape.Kernel.Time) / step) + 1;
        var tiles = (results + frames - 1) / frames;

        // Frames that only an unused result of the last tile would see are zeros like the border.
        var behind = ((tiles - 1) * frames * step) + seen - shape.Padding.Time - (int)x.Shape[2].Factor;
        var padded = behind < 0
            ? x.Slice(2, 0, (int)x.Shape[2].Factor + behind).Pad([shape.Padding.Time, 0, 0], [0, 0, 0])
            : x.Pad([shape.Padding.Time, 0, 0], [behind, 0, 0]);
        var order = Enumerable.Range(0, tiles * seen).Select(i => (long)((i / seen * frames * step) + (i % seen))).ToArray();
        var images = padded.Take(2, order)                                                    // [N, in, tiles·seen, H, W]
            .Reshape(n, shape.Inputs, tiles, seen, h * w).Transpose(0, 2, 1, 3, 4)              // [N, tiles, in, seen, H·W]
            .Reshape(n * tiles, shape.Inputs * seen, h, w);
        var map = images.ConvUncounted(
            graph.Use(Kernels(kernel, shape)), bias is null ? null : graph.Use(Repeated(bias, frames)),
            shape.Stride.Axes.AsSpan(1), shape.Padding.Axes.AsSpan(1), shape.Groups);           // [N·tiles, out·frames, H', W']
        var result = map.Reshape(n, tiles, shape.Outputs, frames, map.Shape[2] * map.Shape[3]).Transpose(0, 2, 1, 3, 4)
            .Reshape(n, shape.Outputs, tiles * frames, map.Shape[2], map.Shape[3]).Slice(2, 0, results);
        graph.Cost(result.Shape.Elements * (shape.Inputs / shape.Groups) * shape.Kernel.Volume);
        return result;
    }

    // Frames that a group gives at once.
    private static int Frames(ConvShape shape) => Math.Max(1, Vector / (shape.Outputs / shape.Groups));

    // Frames that a group looks at for them.
    private static int Seen(ConvShape shape) => ((Frames(shape) - 1) * shape.Stride.Time) + shape.Kernel.Time;

    private static Weight Repeated(Weight bias, int times) =>
        new($"{bias.Name}:{times}", [bias.Shape[0] * times], () => [.. bias.Read().SelectMany(value => Enumerable.Repeat(value, times))]);

    // [out, in, time, rows, columns] → [out·frames, in·seen, rows, columns]: the same kernel for each frame, one step later.
    private static Weight Kernels(Weight kernel, ConvShape shape)
    {
        int frames = Frames(shape), seen = Seen(shape), inputs = shape.Inputs / shape.Groups;
        var (time, area) = (shape.Kernel.Time, shape.Kernel.Rows * shape.Kernel.Columns);
        return new(
            $"{kernel.Name}:{frames}of{seen}", [shape.Outputs * frames, inputs * seen, shape.Kernel.Rows, shape.Kernel.Columns], () =>
            {
                var values = kernel.Read();
                var wide = new float[shape.Outputs * frames * inputs * seen * area];
                for (var row = 0; row < shape.Outputs * frames * inputs; row++)
                {
                    var (output, frame, input) = (row / inputs / frames, row / inputs % frames, row % inputs);
                    values.AsSpan(((output * inputs) + input) * time * area, time * area)
                        .CopyTo(wide.AsSpan(((row * seen) + (frame * shape.Stride.Time)) * area));
                }

                return wide;
            });
    }
}
