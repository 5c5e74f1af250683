using System.Runtime.InteropServices;
using ActionStream.Models.Graphs.Onnx;
using Google.Protobuf;

namespace ActionStream.Models.Graphs;

/// <summary>Turns a graph of ours to float16, except where half a float is too little: the normalisation
/// of bytes, and sums of squares.</summary>
/// <remarks>Every value exists in the type its maker gives; whoever wants the other gets a Cast, once. So
/// neighbours of one kind meet without any.</remarks>
internal sealed class PrecisionHalf(GraphProto graph)
{
    private const int FewNumbers = 16;

    // 0…255 times 1/255 in float16 would lose two bits before the first layer; a mean of squares overflows at 65504.
    private static readonly HashSet<string> Exact =
        ["ReduceMean", "ReduceSum", "Sqrt", "Div", "Reciprocal", "Pow", "InstanceNormalization"];
    private static readonly HashSet<string> Pixels =
        ["Cast", "Mul", "Sub", "Add", "Div", "Transpose", "Reshape", "Slice", "Gather", "Squeeze", "Unsqueeze"];

    private readonly Dictionary<string, ElementType> _types = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorProto> _weights = graph.Initializer.ToDictionary(one => one.Name, StringComparer.Ordinal);
    private readonly Dictionary<(string Value, ElementType Type), string> _casts = [];
    private readonly HashSet<string> _fromPixels = new(StringComparer.Ordinal);
    private readonly List<NodeProto> _nodes = [];
    private readonly List<TensorProto> _kept = [];

    public void Rewrite()
    {
        foreach (var input in graph.Input)
        {
            _types[input.Name] = (ElementType)input.Type.TensorType.ElemType;
            _fromPixels.Add(input.Name);
        }

        var outputs = graph.Output.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var node in graph.Node.ToArray())
        {
            var isPixels = Pixels.Contains(node.OpType) && node.Input.All(input => _fromPixels.Contains(input) || IsFewNumbers(input));
            var isSquare = node.OpType == "Mul" && node.Input[0] == node.Input[1];
            var isExact = isPixels || isSquare || Exact.Contains(node.OpType) || node.Output.Any(outputs.Contains);
            Add(node, isExact ? ElementType.F32 : ElementType.F16);
            if (isPixels)
            {
                _fromPixels.UnionWith(node.Output);
            }
        }

        graph.Node.Clear();
        graph.Node.AddRange(_nodes);
        graph.Initializer.Clear();
        graph.Initializer.AddRange(_kept);
    }

    private void Add(NodeProto node, ElementType wanted)
    {
        for (var i = 0; i < node.Input.Count; i++)
        {
            if (node.Input[i].Length > 0)
            {
                node.Input[i] = TypeOf(node.Input[i]) is ElementType.F32 or ElementType.F16 && node.OpType != "Shape"
                    ? As(node.Input[i], wanted)
                    : Keep(node.Input[i]);
            }
        }

        var result = node.OpType switch
        {
            "Shape" => ElementType.I64,
            "Cast" => (ElementType)node.Attribute.First(attribute => attribute.Name == "to").I,
            _ => TypeOf(node.Input[0]),
        };
        if (node.OpType == "Cast" && result == ElementType.F32)
        {
            result = wanted;
            node.Attribute.First(attribute => attribute.Name == "to").I = (long)wanted;
        }

        foreach (var output in node.Output)
        {
            _types[output] = result;
        }

        _nodes.Add(node);
    }

    private ElementType TypeOf(string value) =>
        _types.TryGetValue(value, out var type) ? type
            : _weights.TryGetValue(value, out var weight) ? (ElementType)weight.DataType
            : ElementType.Unknown;

    private bool IsFewNumbers(string value) =>
        _weights.TryGetValue(value, out var weight)
        && ((ElementType)weight.DataType == ElementType.I64 || weight.RawData.Length <= FewNumbers * sizeof(float));

    private string Keep(string value)
    {
        if (_weights.TryGetValue(value, out var weight) && _casts.TryAdd((value, ElementType.Unknown), value))
        {
            _kept.Add(weight);
        }

        return value;
    }

    // Weights are stored in the type they are used in; other values are cast.
    private string As(string value, ElementType type)
    {
        if (_casts.TryGetValue((value, type), out var known))
        {
            return known;
        }

        string name;
        if (_weights.TryGetValue(value, out var weight))
        {
            name = type == ElementType.F32 ? value : value + ":half";
            _kept.Add(type == ElementType.F32 ? weight : Half(weight, name));
            _types[name] = type;
        }
        else if (_types[value] == type)
        {
            name = value;
        }
        else
        {
            name = $"{value}:{type.Label}";
            _types[name] = type;
            _nodes.Add(new NodeProto
            {
                Name = name,
                OpType = "Cast",
                Input = { value },
                Output = { name },
                Attribute = { Attribute.Of("to", (long)type).Proto },
            });
        }

        _casts[(value, type)] = name;
        return name;
    }

    // What is too large for float16 becomes its largest number: an infinity would poison everything behind it.
    private static TensorProto Half(TensorProto weight, string name)
    {
        var numbers = MemoryMarshal.Cast<byte, float>(weight.RawData.Span);
        var halves = new Half[numbers.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            halves[i] = (Half)Math.Clamp(numbers[i], (float)System.Half.MinValue, (float)System.Half.MaxValue);
        }

        var half = new TensorProto
        {
            Name = name,
            DataType = (int)ElementType.F16,
            RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(halves.AsSpan())),
        };
        half.Dims.AddRange(weight.Dims);
        return half;
    }
}
