using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Layers;

namespace ActionStream.EndToEnd.Contracts.Inference;

/// <summary>Every way of writing a convolution gives what the plain one gives.</summary>
public class ConvFormsTests
{
    private delegate Tensor Form(Tensor x, Weight kernel, Weight? bias, ConvShape shape);

    // Taps, step, border, frames: tiles that are full and not, kernels of one phase and of several, with and without a step.
    [Theory]
    [InlineData(3, 1, 1, 8)]
    [InlineData(3, 1, 1, 7)]
    [InlineData(3, 1, 0, 9)]
    [InlineData(3, 1, 2, 4)]
    [InlineData(2, 1, 0, 6)]
    [InlineData(4, 1, 1, 11)]
    [InlineData(5, 1, 2, 13)]
    [InlineData(7, 1, 3, 10)]
    [InlineData(7, 1, 0, 7)]
    [InlineData(9, 1, 4, 12)]
    [InlineData(7, 2, 3, 16)]
    [InlineData(7, 2, 0, 21)]
    [InlineData(5, 2, 2, 9)]
    [InlineData(3, 2, 1, 15)]
    public void Fewer_products_along_time_give_the_same(int taps, int step, int border, int frames) => AreEqual(
        Winograd.OverTime, new(5, 6, new(taps, 3, 2), new(step, 2, 1), new(border, 1, 0)), frames, 6, 5);

    [Theory]
    [InlineData(3, 1, 1, 14)]
    [InlineData(3, 1, 0, 7)]
    [InlineData(4, 1, 2, 9)]
    [InlineData(2, 1, 1, 12)]
    public void Fewer_products_along_rows_give_the_same(int taps, int step, int border, int rows) => AreEqual(
        Winograd.OverRows, new(5, 6, new(1, taps, 3), new(1, step, 2), new(0, border, 1)), 3, rows, 8);

    // Channels of a group in and out, taps, step, border, frames: one, two and four frames at once, last tiles full and not.
    [Theory]
    [InlineData(16, 16, 3, 1, 1, 4)]
    [InlineData(16, 16, 3, 2, 1, 7)]
    [InlineData(8, 8, 3, 1, 1, 6)]
    [InlineData(8, 8, 3, 1, 1, 5)]
    [InlineData(8, 8, 2, 2, 0, 9)]
    [InlineData(4, 4, 5, 1, 2, 7)]
    [InlineData(32, 16, 3, 3, 0, 11)]
    public void Groups_that_see_frames_as_channels_give_the_same(int inputs, int outputs, int taps, int step, int border, int frames)
    {
        const int groups = 3;
        var shape = new ConvShape(groups * inputs, groups * outputs, new(taps, 3, 2), new(step, 1, 2), new(border, 1, 0), groups);
        Assert.True(GroupsOverTime.Fits(shape));
        AreEqual(GroupsOverTime.Apply, shape, frames, 5, 6);
    }

    // Measures of R(2+1)D's and I3D's layers and of ResNeXt's groups, smaller maps.
    [Theory]
    [InlineData(1, 3, 1, 1, "MatMul")]
    [InlineData(3, 3, 1, 1, "MatMul")]
    [InlineData(7, 7, 1, 1, "MatMul")]
    [InlineData(3, 1, 2, 1, "Reshape")]
    [InlineData(3, 3, 2, 16, "Gather")]
    [InlineData(1, 1, 1, 1, "Conv")]
    public void A_wide_convolution_is_written_the_quicker_way_on_a_CPU_and_gives_the_same(
        int time, int side, int step, int groups, string sign)
    {
        var shape = new ConvShape(256, 256, new(time, side, side), new(step, 1, 1), new(time / 2, side / 2, side / 2), groups);
        AreEqual(ConvForms.Quickest, shape, 8, 8, 8, sign);
    }

    private static void AreEqual(Form form, ConvShape shape, int frames, int rows, int columns, string? sign = null)
    {
        const int clips = 2;
        var random = new Random(7);
        var kernel = Filled(
            "kernel", [shape.Outputs, shape.Inputs / shape.Groups, shape.Kernel.Time, shape.Kernel.Rows, shape.Kernel.Columns]);
        var bias = Filled("bias", [shape.Outputs]);
        var clip = Numbers(clips * shape.Inputs * frames * rows * columns);
        var (_, expected, costs) = Run(ConvForms.Plain);
        var (quick, actual, alike) = Run(form);
        Assert.Equal(costs, alike);
        if (sign is not null)
        {
            Assert.Contains(sign, quick);
        }

        var difference = Graphs.Difference(actual, expected);
        Assert.True(difference <= 3e-6, $"{difference:e1} of the largest");

        Weight Filled(string name, int[] dims)
        {
            var numbers = Numbers(dims.Aggregate((product, dim) => product * dim));
            return new(name, dims, () => [.. numbers]);
        }

        float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)];

        (string[] Operators, float[] Result, string Macs) Run(Form written)
        {
            var graph = new Graph("conv");
            var x = graph.Input("x", ElementType.F32, ["N", shape.Inputs, frames, rows, columns]);
            graph.Output("y", written(x, kernel, bias, shape));
            using var session = Graphs.Open(graph);
            return (
                [.. graph.ToModel().Graph.Node.Select(node => node.OpType)],
                session.Run(clip, clips, shape.Inputs, frames, rows, columns),
                string.Join(" + ", graph.Costs.Select(cost => cost.Macs)));
        }
    }
}
