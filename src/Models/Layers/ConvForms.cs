using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;

namespace ActionStream.Models.Layers;

/// <summary>Equal ways of writing a convolution of time, rows and columns, and which of them a CPU does soonest.</summary>
/// <remarks>
/// Measured with ONNX Runtime 1.31 on two shared cores of an AMD EPYC (AVX-512), one thread, whole networks in turns, medians in ms:
/// <code>
///                            as it is    quickest    median of pairs
/// r2plus1d-34-32-bert            3893        3055    1.12
/// i3d-bert                       2595        1750    1.43
/// resnext3d-101-frmb-bert        1108         957    1.15
/// </code>
/// </remarks>
internal static class ConvForms
{
    // Measured: below it mixing costs what it saves, and a little above and below makes no difference.
    private const double LeastSaved = 250;

    // Kernels that meet few places are most of a file, which would be longer, and little of the time.
    private const int LeastPlaces = 500;

    /// <summary>As it is.</summary>
    public static Tensor Plain(Tensor x, Weight kernel, Weight? bias, ConvShape shape) =>
        x.Conv(x.Graph.Use(kernel), bias is null ? null : x.Graph.Use(bias), shape.Stride.Axes, shape.Padding.Axes, shape.Groups);

    /// <param name="x">[N, in, T, H, W] in, [N, out, T', H', W'] out.</param>
    public static Tensor Quickest(Tensor x, Weight kernel, Weight? bias, ConvShape shape)
    {
        var (sides, stride, padding) = (shape.Kernel, shape.Stride, shape.Padding);
        if (x.Shape.Skip(2).Any(side => side.Value is null))
        {
            return Plain(x, kernel, bias, shape); // the others are made to measure
        }

        if (shape.IsCube && bias is not null && x.Shape[2].Factor <= TimeAsChannels.MaxFrames)
        {
            return TimeAsChannels.Apply(x, kernel, bias, sides.Time);
        }

        if (shape.Groups > 1)
        {
            return GroupsOverTime.Fits(shape) ? GroupsOverTime.Apply(x, kernel, bias, shape) : Plain(x, kernel, bias, shape);
        }

        if (Saves(x.Shape, shape, Winograd.AlongTime(x.Shape, shape)))
        {
            return Winograd.OverTime(x, kernel, bias, shape);
        }

        if (sides.Time == 1 && stride.Time == 1 && padding.Time == 0
            && Winograd.AlongRows(x.Shape, shape) is { Phases: 1 } rows && Saves(x.Shape, shape, rows))
        {
            return Winograd.OverRows(x, kernel, bias, shape);
        }

        return sides is { Time: > 1, Rows: 1, Columns: 1 } && stride is { Rows: 1, Columns: 1 } && padding is { Rows: 0, Columns: 0 }
            ? TimeOnly(x, kernel, bias, stride.Time, padding.Time)
            : Plain(x, kernel, bias, shape);
    }

    // ONNX Runtime has quicker kernels for two axes than for three, and where only time is seen, all places of a frame are one axis.
    private static Tensor TimeOnly(Tensor x, Weight kernel, Weight? bias, int stride, int padding)
    {
        Dim n = x.Shape[0], c = x.Shape[1], t = x.Shape[2], h = x.Shape[3], w = x.Shape[4];
        var flat = x.Graph.Use(kernel.Reshape([.. kernel.Shape.Take(4)]));
        var result = x.Reshape(n, c, t, h * w).Conv(flat, bias is null ? null : x.Graph.Use(bias), [stride, 1], [padding, 0]);
        return result.Reshape(n, result.Shape[1], result.Shape[2], h, w);
    }

    // Mixing costs the same for each number that goes in or comes out, whatever the kernel: so many products must be saved for each.
    private static bool Saves(Shape x, ConvShape shape, WinogradAxis axis)
    {
        if (!axis.IsPossible)
        {
            return false;
        }

        double seen = 1, places = 1;
        for (var i = 0; i < 3; i++)
        {
            seen *= x[i + 2].Factor;
            places *= ((x[i + 2].Factor + (2 * shape.Padding.Axes[i]) - shape.Kernel.Axes[i]) / shape.Stride.Axes[i]) + 1;
        }

        return places >= LeastPlaces
            && places * shape.Outputs * shape.Inputs * shape.Kernel.Volume * (1 - axis.Share)
                >= LeastSaved * ((seen * shape.Inputs) + (places * shape.Outputs));
    }
}
