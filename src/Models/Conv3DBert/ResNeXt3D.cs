using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Layers;

namespace ActionStream.Models.Conv3DBert;

/// <summary>Measures of a <see cref="ResNeXt3D"/>.</summary>
/// <param name="Stem">Channels of the first convolution.</param>
/// <param name="Planes">Of the four layers; a block gives twice as many channels.</param>
/// <param name="Layers">Blocks of each layer.</param>
/// <param name="Cardinality">Groups of the middle convolution.</param>
/// <param name="Reduced">Channels after feature reduction.</param>
internal sealed record ResNeXt3DShape(
    int Stem, IReadOnlyList<int> Planes, IReadOnlyList<int> Layers, int Cardinality, Reduction Reduction, int Reduced,
    float Epsilon = BatchNorm.TorchEpsilon)
{
    /// <summary>101 layers (Hara et al. 2018).</summary>
    public static ResNeXt3DShape Layers101(Reduction reduction) =>
        new(64, [128, 256, 512, 1024], [3, 4, 23, 3], Cardinality: 32, reduction, Reduced: 512);
}

/// <summary>A 3D ResNet whose bottlenecks work in groups.</summary>
internal sealed class ResNeXt3D : ITrunk
{
    private readonly Conv _stem;
    private readonly Block[][] _layers;
    private readonly Block? _mapper;

    /// <param name="weights">Holds features.0 … features.7, and mapper where a block is added.</param>
    public ResNeXt3D(Weights weights, ResNeXt3DShape shape)
    {
        var features = weights / "features";
        _stem = new Conv(features / "0", new(3, shape.Stem, Extent.Cube(7), new(1, 2, 2), Extent.Cube(3)), hasBias: false)
            .Then(new(features / "1", shape.Stem, shape.Epsilon));
        var width = shape.Stem;
        _layers = new Block[shape.Layers.Count][];
        for (var layer = 0; layer < _layers.Length; layer++)
        {
            _layers[layer] = new Block[shape.Layers[layer]];
            for (var block = 0; block < _layers[layer].Length; block++)
            {
                var isModified = shape.Reduction == Reduction.Frmb && layer == _layers.Length - 1 && block == _layers[layer].Length - 1;
                var planes = isModified ? shape.Reduced / 2 : shape.Planes[layer];
                _layers[layer][block] = new(features / $"{layer + 4}" / $"{block}", width, planes, block == 0 && layer > 0 ? 2 : 1, shape);
                width = 2 * planes;
            }
        }

        _mapper = shape.Reduction == Reduction.Frab ? new(weights / "mapper", width, shape.Reduced / 2, 1, shape) : null;
        Width = _mapper is null ? width : shape.Reduced;
    }

    public int Width { get; }

    public int Halvings => 4;

    public Tensor Apply(Tensor clip)
    {
        var x = _stem.Apply(clip).Relu();                                                // [N, C, T, H/2, W/2]
        x = x.MaxPool([3, 3, 3], [2, 2, 2], [1, 1, 1], [1, 1, 1]).Mark("maxpool");       // [N, C, T/2, H/4, W/4]
        for (var layer = 0; layer < _layers.Length; layer++)
        {
            x = _layers[layer].Aggregate(x, (map, block) => block.Apply(map)).Mark($"layer{layer + 1}");
        }

        return _mapper?.Apply(x).Mark("mapper") ?? x;                                    // [N, C4, T/16, H/32, W/32]
    }

    private sealed class Block
    {
        private readonly Conv _narrow;
        private readonly Conv _groups;
        private readonly Conv _widen;
        private readonly Conv? _shortcut;

        public Block(Weights weights, int inputs, int planes, int stride, ResNeXt3DShape shape)
        {
            int inner = shape.Cardinality * (planes / 32), outputs = 2 * planes;
            _narrow = new Conv(weights / "conv1", ConvShape.Pointwise(inputs, inner), hasBias: false).Then(Norm("bn1", inner));
            _groups = new Conv(
                weights / "conv2", new(inner, inner, Extent.Cube(3), Extent.Cube(stride), Extent.Cube(1), shape.Cardinality),
                hasBias: false).Then(Norm("bn2", inner));
            _widen = new Conv(weights / "conv3", ConvShape.Pointwise(inner, outputs), hasBias: false).Then(Norm("bn3", outputs));
            _shortcut = stride > 1 || inputs != outputs
                ? new Conv(
                    weights / "downsample" / "0",
                    ConvShape.Pointwise(inputs, outputs) with { Stride = Extent.Cube(stride) }, hasBias: false)
                    .Then(new(weights / "downsample" / "1", outputs, shape.Epsilon))
                : null;

            BatchNorm Norm(string name, int channels) => new(weights / name, channels, shape.Epsilon);
        }

        public Tensor Apply(Tensor x)
        {
            var y = _widen.Apply(_groups.Apply(_narrow.Apply(x).Relu()).Relu());
            return (y + (_shortcut?.Apply(x) ?? x)).Relu();
        }
    }
}
