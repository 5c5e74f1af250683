namespace ActionStream.Models.Graphs;

/// <summary>A learned array: its path and shape now, its numbers when they are needed.</summary>
public sealed class Weight(string name, IReadOnlyList<int> shape, Func<float[]> read)
{
    public string Name { get; } = name;

    public IReadOnlyList<int> Shape { get; } = shape;

    /// <summary>False for what training counted along the way, such as a batch norm's running mean.</summary>
    public bool IsParameter =>
        !Name.EndsWith("running_mean", StringComparison.Ordinal) && !Name.EndsWith("running_var", StringComparison.Ordinal);

    public long Elements => Shape.Aggregate(1L, (product, dim) => product * dim);

    public float[] Read()
    {
        var values = read();
        return values.Length == Elements
            ? values
            : throw new WeightException($"{Name}: {values.Length} numbers for the shape [{string.Join(", ", Shape)}]");
    }

    /// <summary>The same numbers in other axes.</summary>
    public Weight Reshape(params int[] shape) =>
        new Weight(Name, shape, read) is { } other && other.Elements == Elements
            ? other
            : throw new WeightException($"{Name}: [{string.Join(", ", Shape)}] cannot become [{string.Join(", ", shape)}]");

    /// <summary>The same numbers with axes in another order, as when a framework keeps kernels [.., in,
    /// out] and ONNX wants [out, in, ..].</summary>
    public Weight Transpose(params int[] order)
    {
        if (!order.Order().SequenceEqual(Enumerable.Range(0, Shape.Count)))
        {
            throw new WeightException($"{Name}: ({string.Join(", ", order)}) is not an order of the axes of [{string.Join(", ", Shape)}]");
        }

        var shape = order.Select(axis => Shape[axis]).ToArray();
        return new(Name, shape, () =>
        {
            var strides = new int[order.Length];
            for (var i = 0; i < order.Length; i++)
            {
                strides[i] = Shape.Skip(order[i] + 1).Aggregate(1, (product, dim) => product * dim);
            }

            var from = Read();
            var to = new float[from.Length];
            var at = new int[order.Length];
            for (int i = 0, source = 0; i < to.Length; i++)
            {
                to[i] = from[source];
                for (var axis = order.Length - 1; axis >= 0; axis--)
                {
                    source += strides[axis];
                    if (++at[axis] < shape[axis])
                    {
                        break;
                    }

                    source -= strides[axis] * shape[axis];
                    at[axis] = 0;
                }
            }

            return to;
        });
    }

    /// <summary>One array beside the other along the last axis: three projections become one product.</summary>
    public static Weight Beside(string name, params Weight[] parts)
    {
        var rows = parts[0].Elements / parts[0].Shape[^1];
        var widths = parts.Select(part => part.Shape[^1]).ToArray();
        var total = widths.Sum();
        return new(name, [.. parts[0].Shape.SkipLast(1), total], () =>
        {
            var joined = new float[rows * total];
            for (int i = 0, start = 0; i < parts.Length; start += widths[i++])
            {
                var part = parts[i].Read();
                for (var row = 0; row < rows; row++)
                {
                    part.AsSpan(row * widths[i], widths[i]).CopyTo(joined.AsSpan((row * total) + start));
                }
            }

            return joined;
        });
    }

    /// <summary>Numbers computed from this weight's, in the same shape.</summary>
    public Weight Map(string name, Func<float, float> change) => new(name, Shape, () => Array.ConvertAll(Read(), value => change(value)));

    public override string ToString() => $"{Name} [{string.Join(", ", Shape)}]";
}

/// <summary>A checkpoint that does not hold what the model needs, in words that name the array.</summary>
public sealed class WeightException(string message) : Exception(message);
