using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;

namespace ActionStream.Models.Layers;

/// <summary>Sides of a kernel, steps or borders: time, rows, columns.</summary>
internal readonly record struct Extent(int Time, int Rows, int Columns)
{
    public int[] Axes => [Time, Rows, Columns];

    public int Volume => Time * Rows * Columns;

    public static Extent Cube(int side) => new(side, side, side);
}

/// <summary>Measures of a <see cref="Conv"/>.</summary>
/// <param name="Groups">Parts of the channels that never meet.</param>
internal sealed record ConvShape(int Inputs, int Outputs, Extent Kernel, Extent Stride, Extent Padding, int Groups = 1)
{
    /// <summary>True for what <see cref="Depthwise"/> makes.</summary>
    public bool IsCube => Groups == Inputs && Groups > 1 && this == Depthwise(Inputs, Kernel.Time);

    /// <summary>A linear map of the channels, at every place alone.</summary>
    public static ConvShape Pointwise(int inputs, int outputs) => new(inputs, outputs, Extent.Cube(1), Extent.Cube(1), Extent.Cube(0));

    /// <summary>Every channel alone, the size stays.</summary>
    public static ConvShape Depthwise(int channels, int side) =>
        new(channels, channels, Extent.Cube(side), Extent.Cube(1), Extent.Cube(side / 2), Groups: channels);
}

/// <summary>A convolution over time, rows and columns, weights named as PyTorch names them. Norms
/// before or after it can be folded in.</summary>
internal sealed class Conv
{
    private readonly string _path;
    private readonly ConvShape _shape;
    private readonly Weight _kernel;
    private readonly Weight? _bias;
    private readonly string _mark;

    public Conv(Weights weights, ConvShape shape, bool hasBias = true)
        : this(
            weights.Path, shape,
            weights.Get("weight", shape.Outputs, shape.Inputs / shape.Groups, shape.Kernel.Time, shape.Kernel.Rows, shape.Kernel.Columns),
            hasBias ? weights.Get("bias", shape.Outputs) : null,
            weights.Path)
    {
    }

    private Conv(string path, ConvShape shape, Weight kernel, Weight? bias, string mark) =>
        (_path, _shape, _kernel, _bias, _mark) = (path, shape, kernel, bias, mark);

    /// <param name="x">[N, in, T, H, W] in, [N, out, T', H', W'] out.</param>
    public Tensor Apply(Tensor x)
    {
        using var _ = x.Graph.Within(_path);
        return (x.Graph.Form == GraphForm.Cpu ? ConvForms.Quickest(x, _kernel, _bias, _shape) : ConvForms.Plain(x, _kernel, _bias, _shape))
            .Mark(_mark);
    }

    /// <summary>This convolution with the norm that follows it: the same numbers, one pass less.</summary>
    public Conv Then(BatchNorm norm)
    {
        var (kernel, bias, outputs) = (_kernel, _bias, _shape.Outputs);
        return new(
            _path, _shape,
            new($"{kernel.Name}*{norm.Path}", kernel.Shape, () =>
            {
                var values = kernel.Read();
                var gain = norm.Line().Gain;
                var row = values.Length / outputs;
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = (float)(values[i] * gain[i / row]);
                }

                return values;
            }),
            new($"{_path}.bias*{norm.Path}", [outputs], () =>
            {
                var (gain, offset) = norm.Line();
                var values = bias?.Read() ?? new float[outputs];
                return [.. values.Select((value, i) => (float)((value * gain[i]) + offset[i]))];
            }),
            norm.Path);
    }

    /// <summary>This convolution with the norm that precedes it. Exact only without padding: a border of zeros
    /// would not be one before the norm.</summary>
    public Conv After(BatchNorm norm)
    {
        if (_shape.Padding != default || _shape.Groups != 1)
        {
            throw new InvalidOperationException($"{_path}: a norm can be folded forward only where there is no padding and one group");
        }

        var (kernel, bias, shape) = (_kernel, _bias, _shape);
        var taps = shape.Kernel.Volume;
        return new(
            _path, _shape,
            new($"{norm.Path}*{kernel.Name}", kernel.Shape, () =>
            {
                var values = kernel.Read();
                var gain = norm.Line().Gain;
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = (float)(values[i] * gain[i / taps % shape.Inputs]);
                }

                return values;
            }),
            new($"{norm.Path}*{_path}.bias", [shape.Outputs], () =>
            {
                var values = kernel.Read();
                var offset = norm.Line().Offset;
                var sums = bias?.Read().Select(value => (double)value).ToArray() ?? new double[shape.Outputs];
                for (var i = 0; i < values.Length; i++)
                {
                    sums[i / (shape.Inputs * taps)] += values[i] * offset[i / taps % shape.Inputs];
                }

                return [.. sums.Select(sum => (float)sum)];
            }),
            _mark);
    }
}
