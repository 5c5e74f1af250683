using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs.Onnx;
using Google.Protobuf;

namespace ActionStream.Models.Graphs;

/// <summary>An ONNX graph under construction. Its tensors know their shapes, so a mistake fails here and not when the model runs.</summary>
/// <remarks>
/// Equal calls give equal bytes: names are counted, nothing is hashed or dated. Weights are read from their source
/// only when the graph is written, so that a graph built to count costs nothing.
/// </remarks>
public sealed partial class Graph(string name, GraphForm form = GraphForm.Cpu)
{
    /// <summary>Gelu's tanh form came with 20, LayerNormalization with 17.</summary>
    public const int Opset = 20;

    internal const string Microsoft = "com.microsoft";

    private readonly List<NodeProto> _nodes = [];
    private readonly List<Tensor> _inputs = [];
    private readonly List<Tensor> _outputs = [];
    private readonly List<(string Name, Weight Weight)> _weights = [];
    private readonly Dictionary<Weight, Tensor> _uses = new(ReferenceEqualityComparer.Instance);
    private readonly List<TensorProto> _constants = [];
    private readonly Dictionary<string, Tensor> _constantsByContent = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (Tensor Tensor, Func<Tensor, Tensor> View)> _marks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _names = new(StringComparer.Ordinal);
    private readonly List<(string Scope, Dim Macs)> _costs = [];
    private readonly HashSet<string> _domains = new(StringComparer.Ordinal) { "" };
    private string _scope = "";

    public string Name { get; } = name;

    public GraphForm Form { get; } = form;

    public IReadOnlyList<Tensor> Inputs => _inputs;

    public IReadOnlyList<Tensor> Outputs => _outputs;

    /// <summary>Paths that layers marked, for verifiers.</summary>
    public IReadOnlyCollection<string> Marks => _marks.Keys;

    /// <summary>Multiply-accumulates of every product in the graph, with the scope it stands in.</summary>
    public IReadOnlyList<(string Scope, Dim Macs)> Costs => _costs;

    public Tensor Input(string name, ElementType type, Shape shape)
    {
        var tensor = new Tensor(this, Unique(name), type, shape);
        _inputs.Add(tensor);
        return tensor;
    }

    /// <summary>Makes a value an output under a name of its own.</summary>
    public Tensor Output(string name, Tensor value)
    {
        var output = new Tensor(this, Unique(name), value.Type, value.Shape);
        _nodes.Add(new NodeProto { Name = output.Name, OpType = "Identity", Input = { value.Name }, Output = { output.Name } });
        _outputs.Add(output);
        return output;
    }

    /// <summary>Everything added until the scope is disposed carries this path: in node names, in costs, in a profile.</summary>
    public IDisposable Within(string scope)
    {
        var outer = _scope;
        _scope = scope;
        return new Restore(() => _scope = outer);
    }

    /// <summary>A weight as a value; the same weight twice is one initialiser.</summary>
    public Tensor Use(Weight weight)
    {
        if (!_uses.TryGetValue(weight, out var tensor))
        {
            tensor = new Tensor(this, Unique(weight.Name), ElementType.F32, [.. weight.Shape.Select(dim => (Dim)dim)]);
            _uses.Add(weight, tensor);
            _weights.Add((tensor.Name, weight));
        }

        return tensor;
    }

    public Tensor Scalar(float value) => Constant(ElementType.F32, [], MemoryMarshal.AsBytes([value]));

    public Tensor Constant(params ReadOnlySpan<long> values) =>
        Constant(ElementType.I64, [values.Length], MemoryMarshal.AsBytes(values));

    public Tensor Constant(Shape shape, ReadOnlySpan<float> values) => Constant(ElementType.F32, shape, MemoryMarshal.AsBytes(values));

    /// <summary>Adds a node with one result.</summary>
    public Tensor Node(string op, ReadOnlySpan<Tensor?> inputs, ElementType type, Shape shape, params ReadOnlySpan<Attribute> attributes) =>
        Add("", op, inputs, [(type, shape)], attributes)[0];

    /// <summary>Adds a node of any operator set with any number of results.</summary>
    public Tensor[] Add(
        string domain,
        string op,
        ReadOnlySpan<Tensor?> inputs,
        ReadOnlySpan<(ElementType Type, Shape Shape)> results,
        ReadOnlySpan<Attribute> attributes)
    {
        _domains.Add(domain);
        var node = new NodeProto { Name = Unique(_scope.Length == 0 ? op : $"{_scope}/{op}"), OpType = op, Domain = domain };
        foreach (var input in inputs)
        {
            if (input is not null && input.Graph != this)
            {
                throw new InvalidOperationException($"{node.Name}: {input.Name} belongs to the graph {input.Graph.Name}, not to {Name}");
            }

            node.Input.Add(input?.Name ?? "");
        }

        foreach (var attribute in attributes)
        {
            node.Attribute.Add(attribute.Proto);
        }

        var tensors = new Tensor[results.Length];
        for (var i = 0; i < tensors.Length; i++)
        {
            var name = i == 0 ? node.Name : string.Create(CultureInfo.InvariantCulture, $"{node.Name}:{i}");
            tensors[i] = new Tensor(this, name, results[i].Type, results[i].Shape);
            node.Output.Add(name);
        }

        _nodes.Add(node);
        return tensors;
    }

    /// <summary>The value marked with a path, in the axes of its reference; null where there is none.</summary>
    /// <remarks>`.t0_2` behind a path asks for the steps 0 to 2 (exclusive) of axis 2, which is time in [N, C, T, H, W].</remarks>
    public Tensor? Reveal(string path)
    {
        if (_marks.TryGetValue(path, out var mark))
        {
            return mark.View(mark.Tensor);
        }

        return Cut().Match(path) is { Success: true } cut && Reveal(cut.Groups[1].Value) is { Shape.Rank: > 2 } whole
            ? whole.Slice(
                2, int.Parse(cut.Groups[2].ValueSpan, CultureInfo.InvariantCulture),
                int.Parse(cut.Groups[3].ValueSpan, CultureInfo.InvariantCulture))
            : null;
    }

    internal void Mark(string path, Tensor tensor, Func<Tensor, Tensor> view) => _marks[path] = (tensor, view);

    /// <summary>Notes the multiply-accumulates of the node just added.</summary>
    internal void Cost(Dim macs) => _costs.Add((_scope, macs));

    internal ModelProto ToModel()
    {
        var graph = new GraphProto { Name = Name };
        var (nodes, read) = Needed();
        graph.Node.AddRange(nodes);
        graph.Input.AddRange(_inputs.Select(Info));
        graph.Output.AddRange(_outputs.Select(Info));
        graph.Initializer.AddRange(_constants.Where(constant => read.Contains(constant.Name)));
        foreach (var (name, weight) in _weights.Where(weight => read.Contains(weight.Name)))
        {
            var proto = new TensorProto { Name = name, DataType = (int)ElementType.F32, RawData = Bytes(weight.Read()) };
            proto.Dims.AddRange(weight.Shape.Select(dim => (long)dim));
            graph.Initializer.Add(proto);
        }

        var model = new ModelProto { IrVersion = 9, ProducerName = "ActionStream", Graph = graph };
        foreach (var domain in _domains.Order(StringComparer.Ordinal))
        {
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = domain.Length == 0 ? Opset : 1 });
        }

        return model;
    }

    // What no output depends on is not written: values that were marked for a verifier who did not ask.
    private (List<NodeProto> Nodes, HashSet<string> Read) Needed()
    {
        var read = _outputs.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
        var nodes = new List<NodeProto>(_nodes.Count);
        foreach (var node in Enumerable.Reverse(_nodes).Where(node => node.Output.Any(read.Contains)))
        {
            nodes.Add(node);
            read.UnionWith(node.Input);
        }

        nodes.Reverse();
        return (nodes, read);
    }

    private Tensor Constant(ElementType type, Shape shape, ReadOnlySpan<byte> bytes)
    {
        var content = $"{type}{shape}{Convert.ToHexString(bytes)}";
        if (!_constantsByContent.TryGetValue(content, out var tensor))
        {
            tensor = new Tensor(this, Unique("constant"), type, shape);
            _constantsByContent.Add(content, tensor);
            var proto = new TensorProto { Name = tensor.Name, DataType = (int)type, RawData = ByteString.CopyFrom(bytes) };
            proto.Dims.AddRange(shape.Select(dim => dim.Factor));
            _constants.Add(proto);
        }

        return tensor;
    }

    private string Unique(string name)
    {
        var count = _names[name] = _names.GetValueOrDefault(name) + 1;
        return count == 1 ? name : Unique(string.Create(CultureInfo.InvariantCulture, $"{name}_{count}"));
    }

    private static ValueInfoProto Info(Tensor tensor)
    {
        var shape = new TensorShapeProto();
        foreach (var dim in tensor.Shape)
        {
            shape.Dim.Add(dim.Value is { } value
                ? new TensorShapeProto.Types.Dimension { DimValue = value }
                : new TensorShapeProto.Types.Dimension { DimParam = dim.Text });
        }

        return new ValueInfoProto
        {
            Name = tensor.Name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)tensor.Type, Shape = shape } },
        };
    }

    // The format is little-endian, and so is every machine that .NET runs on here.
    // nobody changes them any more
    private static ByteString Bytes(float[] values) => UnsafeByteOperations.UnsafeWrap(new FloatBytes(values).Memory);

    [GeneratedRegex(@"^(.+)\.t(\d{1,4})_(\d{1,4})$")]
    private static partial Regex Cut();

    private sealed class Restore(Action restore) : IDisposable
    {
        public void Dispose() => restore();
    }
}
