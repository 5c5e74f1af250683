using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Layers;
using ActionStream.Models.Networks;

namespace ActionStream.Models.X3D;

/// <summary>Measures of an X3D: four stages of bottlenecks, each at half the side of the one before.</summary>
/// <param name="Depths">Blocks of each stage.</param>
internal sealed record X3DShape(IReadOnlyList<int> Depths, int Classes)
{
    public const int Stem = 24;

    /// <summary>Channels between blocks.</summary>
    public static IReadOnlyList<int> Widths { get; } = [24, 48, 96, 192];

    /// <summary>Channels inside a block.</summary>
    public static int Inner(int width) => width * 9 / 4;
}

/// <summary>X3D (Feichtenhofer 2020), as PyTorchVideo builds and names it: a narrow network of depth-wise
/// convolutions over time and space.</summary>
internal sealed class X3D : INetwork
{
    private readonly X3DStem _stem;
    private readonly List<X3DBlock> _blocks = [];
    private readonly X3DHead _head;

    public X3D(Weights weights, X3DShape shape)
    {
        var blocks = weights.Dotted / "blocks";
        _stem = new(blocks / "0");
        for (int stage = 0, inputs = X3DShape.Stem; stage < shape.Depths.Count; inputs = X3DShape.Widths[stage++])
        {
            for (var i = 0; i < shape.Depths[stage]; i++)
            {
                _blocks.Add(new(
                    blocks / $"{stage + 1}" / "res_blocks" / $"{i}", i == 0 ? inputs : X3DShape.Widths[stage], X3DShape.Widths[stage],
                    stride: i == 0 ? 2 : 1, hasGate: i % 2 == 0));
            }
        }

        _head = new(blocks / "5", X3DShape.Widths[^1], X3DShape.Inner(X3DShape.Widths[^1]), shape.Classes);
    }

    /// <param name="frames">[N, T, H, W, 3]</param>
    /// <returns>[N, K]</returns>
    public Tensor Apply(Tensor frames) => ApplyTo(ClipInput.SlowFast.Apply(frames));

    /// <param name="x">[N, 3, T, H, W], normalised.</param>
    /// <returns>[N, K]</returns>
    public Tensor ApplyTo(Tensor x) => _head.Apply(_blocks.Aggregate(_stem.Apply(x), (maps, block) => block.Apply(maps)));
}

/// <summary>The first layers: space, then time.</summary>
internal sealed class X3DStem(Weights weights)
{
    private readonly Conv _space = new(
        // PyTorchVideo calls it so
        weights / "conv" / "conv_t", new(3, X3DShape.Stem, new(1, 3, 3), new(1, 2, 2), new(0, 1, 1)), hasBias: false);
    private readonly Conv _time = new Conv(
        weights / "conv" / "conv_xy",
        new(X3DShape.Stem, X3DShape.Stem, new(5, 1, 1), Extent.Cube(1), new(2, 0, 0), X3DShape.Stem), hasBias: false)
        .Then(new(weights / "norm", X3DShape.Stem));

    /// <param name="x">[N, 3, T, H, W] in, [N, 24, T, H/2, W/2] out.</param>
    public Tensor Apply(Tensor x) => _time.Apply(_space.Apply(x)).Relu();
}

/// <summary>Widen, look around in time and space channel by channel, weigh the channels, narrow; added to what came in.</summary>
internal sealed class X3DBlock(Weights weights, int inputs, int outputs, int stride, bool hasGate)
{
    private readonly Shortcut _shortcut = new(weights, inputs, outputs, stride);
    private readonly Conv _widen = new Conv(
        weights / "branch2" / "conv_a", ConvShape.Pointwise(inputs, X3DShape.Inner(outputs)), hasBias: false)
        .Then(new(weights / "branch2" / "norm_a", X3DShape.Inner(outputs)));
    private readonly Conv _around = new Conv(
        weights / "branch2" / "conv_b",
        ConvShape.Depthwise(X3DShape.Inner(outputs), 3) with { Stride = new(1, stride, stride) }, hasBias: false)
        .Then(new(weights / "branch2" / "norm_b" / "0", X3DShape.Inner(outputs)));
    private readonly Gate? _gate = hasGate ? new(weights / "branch2" / "norm_b" / "1", X3DShape.Inner(outputs)) : null;
    private readonly Conv _narrow = new Conv(
        weights / "branch2" / "conv_c", ConvShape.Pointwise(X3DShape.Inner(outputs), outputs), hasBias: false)
        .Then(new(weights / "branch2" / "norm_c", outputs));

    /// <param name="x">[N, in, T, H, W] in, [N, out, T, H/stride, W/stride] out.</param>
    public Tensor Apply(Tensor x)
    {
        var y = _around.Apply(_widen.Apply(x).Relu());
        y = _gate?.Apply(y) ?? y;
        y *= y.Sigmoid(); // swish
        return (_shortcut.Apply(x) + _narrow.Apply(y)).Relu().Mark(weights.Path);
    }
}

/// <summary>What goes around a block: itself, or a linear map where sizes change; a norm only where channels do.</summary>
internal sealed class Shortcut(Weights weights, int inputs, int outputs, int stride)
{
    private readonly Conv? _map = inputs == outputs && stride == 1 ? null
        : inputs == outputs ? Map(weights, inputs, outputs, stride)
        : Map(weights, inputs, outputs, stride).Then(new(weights / "branch1_norm", outputs));

    public Tensor Apply(Tensor x) => _map?.Apply(x) ?? x;

    private static Conv Map(Weights weights, int inputs, int outputs, int stride) =>
        new(weights / "branch1_conv", ConvShape.Pointwise(inputs, outputs) with { Stride = new(1, stride, stride) }, hasBias: false);
}

/// <summary>Weighs each channel by what all places together say (squeeze and excitation, Hu et al. 2018).</summary>
internal sealed class Gate(Weights weights, int channels)
{
    private readonly Conv _squeeze = new(weights / "block" / "0", ConvShape.Pointwise(channels, Hidden(channels)));
    private readonly Conv _excite = new(weights / "block" / "2", ConvShape.Pointwise(Hidden(channels), channels));

    /// <param name="x">[N, C, T, H, W] in and out.</param>
    public Tensor Apply(Tensor x)
    {
        var all = x.MeanBehind(2).Reshape(x.Shape[0], channels, 1, 1, 1);
        return x * _excite.Apply(_squeeze.Apply(all).Relu()).Sigmoid();
    }

    // A sixteenth, in steps of 8, and no less than nine tenths of it.
    private static int Hidden(int channels)
    {
        var wanted = channels / 16.0;
        var rounded = Math.Max(8, (int)(wanted + 4) / 8 * 8);
        return rounded < 0.9 * wanted ? rounded + 8 : rounded;
    }
}

/// <summary>The last layers: widen, mean over everything, widen again, decide.</summary>
internal sealed class X3DHead(Weights weights, int inputs, int inner, int classes)
{
    private const int Features = 2048;

    private readonly Conv _pre = new Conv(weights / "pool" / "pre_conv", ConvShape.Pointwise(inputs, inner), hasBias: false)
        .Then(new(weights / "pool" / "pre_norm", inner));
    private readonly Conv _post = new(weights / "pool" / "post_conv", ConvShape.Pointwise(inner, Features), hasBias: false);
    private readonly Linear _decide = new(weights / "proj", Features, classes);

    /// <param name="x">[N, C, T, H, W] in, [N, K] out.</param>
    public Tensor Apply(Tensor x)
    {
        var pooled = _pre.Apply(x).Relu().MeanBehind(2).Mark("pooled");                       // [N, inner]
        var features = _post.Apply(pooled.Reshape(x.Shape[0], inner, 1, 1, 1)).Relu();        // [N, 2048, 1, 1, 1]
        return _decide.Apply(features.Reshape(x.Shape[0], Features));                         // [N, K]
    }
}
