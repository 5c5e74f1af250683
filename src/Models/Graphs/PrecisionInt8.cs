using System.Runtime.InteropServices;
using ActionStream.Models.Graphs.Onnx;
using Google.Protobuf;

namespace ActionStream.Models.Graphs;

/// <summary>Rewrites products with weights as products of bytes: the weights once, column by column, the other side as it comes.</summary>
/// <remarks>
/// The nodes stand as ONNX Runtime likes to find them, which makes one kernel of the four. CPUs without VNNI add the
/// products of two neighbouring rows in 16 bits, where 255·127·2 does not fit: a column's scale is so large that its
/// worst pair does. That costs half a bit, where the usual way out, 7-bit weights, costs a whole one.
/// </remarks>
internal sealed class PrecisionInt8(GraphProto graph)
{
    // 255 · (127 + 1 for rounding) < 2^15.
    private const int Largest = 127;

    // A product too small to repay the rounding of its input.
    private const long LeastWeights = 1024;

    private readonly Dictionary<string, TensorProto> _weights = graph.Initializer.ToDictionary(one => one.Name, StringComparer.Ordinal);
    private readonly Dictionary<string, string> _bytes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorProto[]> _columns = new(StringComparer.Ordinal);
    private readonly List<NodeProto> _nodes = [];

    public void Rewrite()
    {
        foreach (var node in graph.Node.ToArray())
        {
            if (node.OpType == "MatMul" && node.Domain.Length == 0 && !_weights.ContainsKey(node.Input[0])
                && _weights.TryGetValue(node.Input[1], out var weight) && weight.Dims.Count == 2
                && weight.Dims[0] * weight.Dims[1] >= LeastWeights
                && (ElementType)weight.DataType == ElementType.F32)
            {
                Rewrite(node, weight);
            }
            else
            {
                _nodes.Add(node);
            }
        }

        graph.Node.Clear();
        graph.Node.AddRange(_nodes);
        var used = _nodes.SelectMany(node => node.Input).Concat(graph.Output.Select(output => output.Name))
            .ToHashSet(StringComparer.Ordinal);
        var kept = graph.Initializer.Where(weight => used.Contains(weight.Name))
            .Concat(_columns.Values.SelectMany(parts => parts)).ToArray();
        graph.Initializer.Clear();
        graph.Initializer.AddRange(kept);
    }

    private void Rewrite(NodeProto product, TensorProto weight)
    {
        var value = product.Input[0];
        if (!_bytes.TryGetValue(value, out var bytes))
        {
            bytes = _bytes[value] = value + ":bytes";
            _nodes.Add(new NodeProto
            {
                Name = bytes,
                OpType = "DynamicQuantizeLinear",
                Input = { value },
                Output = { bytes, value + ":scale", value + ":zero" },
            });
        }

        if (!_columns.TryGetValue(weight.Name, out var parts))
        {
            parts = _columns[weight.Name] = Columns(weight);
        }

        var name = product.Output[0];
        Add("MatMulInteger", name + ":sum", bytes, parts[0].Name, value + ":zero", parts[2].Name);
        Add("Cast", name + ":float", name + ":sum").Attribute.Add(Attribute.Of("to", (long)ElementType.F32).Proto);
        Add("Mul", name + ":factor", value + ":scale", parts[1].Name);
        Add("Mul", name, name + ":float", name + ":factor");

        NodeProto Add(string op, string output, params string[] inputs)
        {
            var node = new NodeProto { Name = output, OpType = op, Output = { output } };
            node.Input.AddRange(inputs);
            _nodes.Add(node);
            return node;
        }
    }

    private static TensorProto[] Columns(TensorProto weight)
    {
        int rows = (int)weight.Dims[0], columns = (int)weight.Dims[1];
        var numbers = MemoryMarshal.Cast<byte, float>(weight.RawData.Span);
        var scales = new float[columns];
        for (var i = 0; i < numbers.Length; i++)
        {
            // Two numbers of opposite signs make each other smaller.
            var isUpper = i / columns % 2 == 0 && i + columns < numbers.Length;
            var pair =
                isUpper && numbers[i] * numbers[i + columns] > 0 ? Math.Abs(numbers[i] + numbers[i + columns]) : Math.Abs(numbers[i]);
            scales[i % columns] = Math.Max(scales[i % columns], pair / Largest);
        }

        var bytes = new sbyte[numbers.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            // A column of zeros stays one whatever its scale.
            bytes[i] = scales[i % columns] > 0 ? (sbyte)MathF.Round(numbers[i] / scales[i % columns]) : (sbyte)0;
        }

        return
        [
            Tensor(weight.Name + ":int8", ElementType.I8, MemoryMarshal.AsBytes(bytes.AsSpan()), rows, columns),
            Tensor(weight.Name + ":scale", ElementType.F32, MemoryMarshal.AsBytes(scales.AsSpan()), columns),
            Tensor(weight.Name + ":zero", ElementType.I8, MemoryMarshal.AsBytes(new sbyte[columns].AsSpan()), columns),
        ];
    }

    private static TensorProto Tensor(string name, ElementType type, ReadOnlySpan<byte> bytes, params ReadOnlySpan<int> dims)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(bytes) };
        foreach (var dim in dims)
        {
            tensor.Dims.Add(dim);
        }

        return tensor;
    }
}
