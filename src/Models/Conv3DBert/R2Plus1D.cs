using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Layers;

namespace ActionStream.Models.Conv3DBert;

/// <summary>Measures of an <see cref="R2Plus1D"/>.</summary>
/// <param name="StemMiddle">Channels between the stem's two convolutions.</param>
/// <param name="Widths">Channels of the four layers; the stem gives the first.</param>
/// <param name="Layers">Blocks of each layer.</param>
/// <param name="Epsilon">Of the batch norms.</param>
/// <param name="IsCaffe2">The first block of a narrowing layer counts the middle channels of its second
/// convolution anew, as Caffe2's weights need.</param>
internal sealed record R2Plus1DShape(int StemMiddle, IReadOnlyList<int> Widths, IReadOnlyList<int> Layers, float Epsilon, bool IsCaffe2)
{
    /// <summary>The 34 layers of the IG-65M checkpoints (Ghadiyaram et al. 2019).</summary>
    public static R2Plus1DShape Layers34 { get; } = new(45, [64, 128, 256, 512], [3, 4, 6, 3], Epsilon: 1e-3f, IsCaffe2: true);
}

/// <summary>A ResNet whose 3D convolutions are taken apart: first in space, then in time (Tran et al. 2018).</summary>
internal sealed class R2Plus1D : ITrunk
{
    private readonly FactoredConv _stem;
    private readonly Block[][] _layers;

    /// <param name="name">Where part 0 (the stem) and parts 1 to 4 (the layers) lie: checkpoints differ.</param>
    public R2Plus1D(Func<int, Weights> name, R2Plus1DShape shape)
    {
        Width = shape.Widths[^1];
        var stem = name(0);
        _stem = new(
            new Conv(stem / "0", new(3, shape.StemMiddle, new(1, 7, 7), new(1, 2, 2), new(0, 3, 3)), hasBias: false)
                .Then(new(stem / "1", shape.StemMiddle, shape.Epsilon)),
            new Conv(stem / "3", new(shape.StemMiddle, shape.Widths[0], new(3, 1, 1), Extent.Cube(1), new(1, 0, 0)), hasBias: false)
                .Then(new(stem / "4", shape.Widths[0], shape.Epsilon)));
        _layers = [.. shape.Layers.Select((blocks, layer) => Enumerable.Range(0, blocks).Select(block => new Block(
            name(layer + 1) / $"{block}",
            block == 0 ? shape.Widths[Math.Max(layer - 1, 0)] : shape.Widths[layer],
            shape.Widths[layer],
            stride: block == 0 && layer > 0 ? 2 : 1,
            shape)).ToArray())];
    }

    public int Width { get; }

    public int Halvings => 3;

    public Tensor Apply(Tensor clip)
    {
        var x = _stem.Apply(clip).Relu().Mark("stem");                                   // [N, C1, T, H/2, W/2]
        for (var layer = 0; layer < _layers.Length; layer++)
        {
            x = _layers[layer].Aggregate(x, (map, block) => block.Apply(map)).Mark($"layer{layer + 1}");
        }

        return x;                                                                       // [N, C4, T/8, H/16, W/16]
    }

    /// <summary>Two convolutions, the first in space and the second in time, with a norm and a ReLU between.</summary>
    private sealed record FactoredConv(Conv Space, Conv Time)
    {
        public static FactoredConv Of(Weights weights, string outerNorm, int inputs, int middle, int outputs, int stride, float epsilon) =>
            new(
                new Conv(weights / "0" / "0", new(inputs, middle, new(1, 3, 3), new(1, stride, stride), new(0, 1, 1)), hasBias: false)
                    .Then(new(weights / "0" / "1", middle, epsilon)),
                new Conv(weights / "0" / "3", new(middle, outputs, new(3, 1, 1), new(stride, 1, 1), new(1, 0, 0)), hasBias: false)
                    .Then(new(weights / outerNorm, outputs, epsilon)));

        public Tensor Apply(Tensor x) => Time.Apply(Space.Apply(x).Relu());
    }

    private sealed class Block
    {
        private readonly FactoredConv _first;
        private readonly FactoredConv _second;
        private readonly Conv? _shortcut;

        public Block(Weights weights, int inputs, int outputs, int stride, R2Plus1DShape shape)
        {
            var middle = Middle(inputs, outputs);
            _first = FactoredConv.Of(weights / "conv1", "1", inputs, middle, outputs, stride, shape.Epsilon);
            _second = FactoredConv.Of(
                weights / "conv2", "1", outputs, shape.IsCaffe2 && stride > 1 ? Middle(outputs, outputs) : middle,
                outputs, 1, shape.Epsilon);
            _shortcut = stride > 1 || inputs != outputs
                ? new Conv(
                    weights / "downsample" / "0",
                    ConvShape.Pointwise(inputs, outputs) with { Stride = Extent.Cube(stride) }, hasBias: false)
                    .Then(new(weights / "downsample" / "1", outputs, shape.Epsilon))
                : null;
        }

        // As many parameters as the 3x3x3 convolution that was taken apart.
        private static int Middle(int inputs, int outputs) => inputs * outputs * 27 / ((9 * inputs) + (3 * outputs));

        public Tensor Apply(Tensor x)
        {
            var y = _second.Apply(_first.Apply(x).Relu());
            return (y + (_shortcut?.Apply(x) ?? x)).Relu();
        }
    }
}
