using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Layers;

namespace ActionStream.Models.Conv3DBert;

/// <summary>Channels that the four branches of an inception block give.</summary>
/// <param name="Plain">1x1x1.</param>
/// <param name="First">1x1x1, then 3x3x3.</param>
/// <param name="Second">The same again, narrower.</param>
/// <param name="Pooled">Max-pooled, then 1x1x1.</param>
internal sealed record InceptionShape(int Plain, (int Inner, int Outer) First, (int Inner, int Outer) Second, int Pooled)
{
    public int Width => Plain + First.Outer + Second.Outer + Pooled;

    /// <summary>In the order of the paper's table.</summary>
    public static InceptionShape Of(params ReadOnlySpan<int> n) => new(n[0], (n[1], n[2]), (n[3], n[4]), n[5]);
}

/// <summary>Measures of an <see cref="I3D"/>.</summary>
/// <param name="Stem">Channels of features 0, 2 and 3.</param>
/// <param name="Mixed">The nine inception blocks, 3b to 5c.</param>
/// <param name="Mapper">The added block, if features are reduced by one.</param>
internal sealed record I3DShape(IReadOnlyList<int> Stem, IReadOnlyList<InceptionShape> Mixed, InceptionShape? Mapper, float Epsilon = 1e-3f)
{
    private static readonly InceptionShape Reducing = InceptionShape.Of(192, 96, 192, 24, 64, 64);

    /// <summary>The published sizes (Carreira &amp; Zisserman 2017); features are reduced to 512 channels.</summary>
    public static I3DShape Of(Reduction reduction) => new(
        [64, 64, 192],
        [
            InceptionShape.Of(64, 96, 128, 16, 32, 32), InceptionShape.Of(128, 128, 192, 32, 96, 64),
            InceptionShape.Of(192, 96, 208, 16, 48, 64), InceptionShape.Of(160, 112, 224, 24, 64, 64),
            InceptionShape.Of(128, 128, 256, 24, 64, 64), InceptionShape.Of(112, 144, 288, 32, 64, 64),
            InceptionShape.Of(256, 160, 320, 32, 128, 128), InceptionShape.Of(256, 160, 320, 32, 128, 128),
            reduction == Reduction.Frmb ? Reducing : InceptionShape.Of(384, 192, 384, 48, 128, 128),
        ],
        reduction == Reduction.Frab ? Reducing : null);
}

/// <summary>Inception-v1 inflated to three axes. Every padding is TensorFlow's SAME, so it depends on the size of what comes in.</summary>
internal sealed class I3D : ITrunk
{
    // Positions of features.N that are pools, and the pools.
    private static readonly Dictionary<int, (int[] Box, int[] Stride)> Pools = new()
    {
        [1] = ([1, 3, 3], [1, 2, 2]),
        [4] = ([1, 3, 3], [1, 2, 2]),
        [7] = ([3, 3, 3], [2, 2, 2]),
        [13] = ([2, 2, 2], [2, 2, 2]),
    };

    private readonly List<(string Mark, Func<Tensor, Tensor> Apply)> _features = [];
    private readonly Inception? _mapper;

    public I3D(Weights weights, I3DShape shape)
    {
        var features = weights / "features";
        var (width, stem, mixed) = (3, 0, 0);
        (int Side, int Stride)[] stemBoxes = [(7, 2), (1, 1), (3, 1)];
        for (var i = 0; stem < shape.Stem.Count || mixed < shape.Mixed.Count; i++)
        {
            if (Pools.TryGetValue(i, out var pool))
            {
                _features.Add(($"features.{i}", x => PoolSame(x, pool.Box, pool.Stride)));
            }
            else if (stem < shape.Stem.Count)
            {
                var unit = new Unit(
                    features / $"{i}", width, shape.Stem[stem], stemBoxes[stem].Side, stemBoxes[stem].Stride, shape.Epsilon);
                _features.Add(($"features.{i}", unit.Apply));
                width = shape.Stem[stem++];
            }
            else
            {
                var block = new Inception(features / $"{i}", width, shape.Mixed[mixed], shape.Epsilon);
                _features.Add(($"features.{i}", block.Apply));
                width = shape.Mixed[mixed++].Width;
            }
        }

        _mapper = shape.Mapper is { } more ? new(weights / "mapper", width, more, shape.Epsilon) : null;
        Width = shape.Mapper?.Width ?? width;
    }

    public int Width { get; }

    public int Halvings => 3;

    public Tensor Apply(Tensor clip)
    {
        var x = _features.Aggregate(clip, (map, feature) => feature.Apply(map).Mark(feature.Mark));
        return _mapper?.Apply(x).Mark("mapper") ?? x;                                    // [N, C, T/8, H/32, W/32]
    }

    // As many places as strides fit; the odd element of padding goes behind.
    private static (int[] Before, int[] After) Same(Tensor x, int[] box, int[] stride)
    {
        int[] missing = [.. box.Select(
            (side, i) => Math.Max(side - ((int)x.Shape[i + 2].Factor % stride[i] is > 0 and var rest ? rest : stride[i]), 0))];
        return ([.. missing.Select(all => all / 2)], [.. missing.Select(all => all - (all / 2))]);
    }

    private static Tensor PoolSame(Tensor x, int[] box, int[] stride)
    {
        var (before, after) = Same(x, box, stride);
        return x.MaxPool(box, stride, before, after);
    }

    /// <summary>Convolution, norm, ReLU.</summary>
    private sealed class Unit(Weights weights, int inputs, int outputs, int side, int stride, float epsilon)
    {
        private readonly Extent _box = Extent.Cube(side);
        private readonly Extent _stride = Extent.Cube(stride);

        // A convolution that steps by one has the same border everywhere, whatever the size, and makes it itself.
        private readonly Conv _conv =
            new Conv(
                weights / "conv3d",
                new(inputs, outputs, Extent.Cube(side), Extent.Cube(stride), Extent.Cube(stride == 1 ? side / 2 : 0)), hasBias: false)
                .Then(new(weights / "bn", outputs, epsilon));

        public Tensor Apply(Tensor x)
        {
            if (stride == 1)
            {
                return _conv.Apply(x).Relu();
            }

            var (before, after) = Same(x, _box.Axes, _stride.Axes);
            return _conv.Apply(x.Pad(before, after)).Relu();
        }
    }

    private sealed class Inception(Weights weights, int inputs, InceptionShape shape, float epsilon)
    {
        private readonly Unit _plain = new(weights / "b0", inputs, shape.Plain, 1, 1, epsilon);
        private readonly Unit _firstInner = new(weights / "b1a", inputs, shape.First.Inner, 1, 1, epsilon);
        private readonly Unit _firstOuter = new(weights / "b1b", shape.First.Inner, shape.First.Outer, 3, 1, epsilon);
        private readonly Unit _secondInner = new(weights / "b2a", inputs, shape.Second.Inner, 1, 1, epsilon);
        private readonly Unit _secondOuter = new(weights / "b2b", shape.Second.Inner, shape.Second.Outer, 3, 1, epsilon);
        private readonly Unit _pooled = new(weights / "b3b", inputs, shape.Pooled, 1, 1, epsilon);

        public Tensor Apply(Tensor x) => Arranging.Concat(
            1,
            _plain.Apply(x),
            _firstOuter.Apply(_firstInner.Apply(x)),
            _secondOuter.Apply(_secondInner.Apply(x)),
            _pooled.Apply(PoolSame(x, [3, 3, 3], [1, 1, 1])));
    }
}
