using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;

namespace ActionStream.Models.Layers;

/// <summary>
/// A depth-wise convolution over time and space, written as one over space whose channels are the frames: [N, C, T, H, W]
/// and [N, C·T, H, W] are the same numbers, and a frame's kernel for another frame is the slice of the cube between them.
/// </summary>
/// <remarks>
/// ONNX Runtime runs a depth-wise cube on a CPU as C products of one row each, after copying every number as often as the
/// cube has places. Here the products have T rows and the copies are fewer by the cube's side. Measured with ONNX Runtime
/// 1.29 on two cores of an AMD EPYC (AVX-512), one thread, whole networks, best of many runs in ms:
/// <code>
///                        Conv 3-D    frames as channels
/// uniformer-xxs-8x128        67.3          40.7
/// uniformer-xxs-16x160      231.3         146.6
/// uniformer-xxs-32x160      437.3         281.0
/// uniformer-s-16x4          841.0         645.3
/// </code>
/// The price is space: a kernel's file is T/side times as long (uniformer-s-16x4: 101 MB, not 86; uniformer-b-32x4: 338, not 200).
/// </remarks>
internal static class TimeAsChannels
{
    /// <summary>Every frame meets every other, most of them with zeros: not measured beyond this many, and
    /// the kernels grow with the square.</summary>
    public const int MaxFrames = 16;

    public static Tensor Apply(Tensor x, Weight kernel, Weight bias, int side)
    {
        var graph = x.Graph;
        Dim n = x.Shape[0], c = x.Shape[1], t = x.Shape[2];
        int channels = (int)c.Factor, frames = (int)t.Factor;
        var slices = new Weight(
            $"{kernel.Name}:{frames}", [channels * frames, frames, side, side], () => Slices(kernel.Read(), channels, frames, side));
        var biases = new Weight(
            $"{bias.Name}:{frames}", [channels * frames], () => [.. bias.Read().SelectMany(value => Enumerable.Repeat(value, frames))]);
        var flat = x.Reshape(n, c * t, x.Shape[3], x.Shape[4]);
        var result = graph.Node(
            "Conv", [flat, graph.Use(slices), graph.Use(biases)], x.Type, flat.Shape,
            Graphs.Attribute.List("kernel_shape", side, side),
            Graphs.Attribute.List("pads", side / 2, side / 2, side / 2, side / 2),
            Graphs.Attribute.Of("group", channels));
        graph.Cost(x.Shape.Elements * side * side * side); // of the cube: the zeros are ours
        return result.Reshape([.. x.Shape]);
    }

    // What frame `from` gives to frame `to`: the cube's slice at their distance, nothing where the cube does not reach.
    private static float[] Slices(float[] cubes, int channels, int frames, int side)
    {
        var area = side * side;
        var slices = new float[channels * frames * frames * area];
        for (var channel = 0; channel < channels; channel++)
        {
            for (var to = 0; to < frames; to++)
            {
                for (var from = Math.Max(0, to - (side / 2)); from <= Math.Min(frames - 1, to + (side / 2)); from++)
                {
                    cubes.AsSpan(((channel * side) + from - to + (side / 2)) * area, area)
                        .CopyTo(slices.AsSpan(((((channel * frames) + to) * frames) + from) * area));
                }
            }
        }

        return slices;
    }
}
