using System.Runtime.InteropServices;
using ActionStream.Core.Modelling;
using ActionStream.Models.Graphs;
using ActionStream.Models.Graphs.Onnx;
using Google.Protobuf;
using static ActionStream.Models.Graphs.Onnx.AttributeProto.Types;

namespace ActionStream.Models.Foreign;

/// <summary>What stands between a camera's bytes and the input of somebody else's model.</summary>
/// <param name="Slow">Frames of the slow pathway, of a model with two.</param>
/// <param name="Gain">Three factors, in the model's order of colours: (v · gain) − shift.</param>
/// <param name="Views">Copies of the clip, where the file wants several.</param>
internal sealed record PreludeSpec(
    ForeignLayout Layout, int Frames, int? Slow, int Height, int Width, ColourOrder Colour, IReadOnlyList<float> Gain,
    IReadOnlyList<float> Shift, int Views);

/// <summary>Puts nodes in front of a graph so that it takes bytes as frames lie in memory, [N, T, H, W, 3], and leaves
/// everything behind them as it was.</summary>
/// <remarks>
/// The last node gives its result the name of the old input, so nothing else in the file has to know, not even inner
/// graphs. Constants are nodes, because files of old versions would want initialisers among the inputs, too.
/// </remarks>
internal sealed class Prelude
{
    private const string Prefix = "prelude/";

    private readonly List<NodeProto> _nodes = [];
    private readonly HashSet<string> _taken;

    private Prelude(GraphProto graph) => _taken =
    [
        .. graph.Node.SelectMany(node => node.Output), .. graph.Input.Select(input => input.Name),
        .. graph.Initializer.Select(one => one.Name),
    ];

    /// <summary>Changes the model.</summary>
    /// <param name="inputs">The clip, or the slow and the fast pathway.</param>
    /// <returns>Name of the new input.</returns>
    public static string Graft(ModelProto model, IReadOnlyList<ForeignInput> inputs, PreludeSpec spec)
    {
        var graph = model.Graph;
        var prelude = new Prelude(graph);
        var frames = prelude.Unique("frames");
        foreach (var (input, i) in inputs.Select((input, i) => (input, i)))
        {
            prelude.Feed(frames, input, spec, inputs.Count == 2 && i == 0 ? spec.Slow : null);
            graph.Input.Remove(input.Info);
            graph.ValueInfo.Add(input.Info);
        }

        // Where frames fill the batch, there is room for one clip.
        var batch = spec.Layout == ForeignLayout.Flatchw ? new() { DimValue = 1 } : inputs[0].Info.Type.TensorType.Shape.Dim[0].Clone();
        graph.Input.Insert(0, Info(frames, batch, spec));
        var behind = graph.Node.ToArray();
        graph.Node.Clear();
        graph.Node.AddRange(prelude._nodes);
        graph.Node.AddRange(behind);
        return frames;
    }

    /// <summary>Takes a grafted prelude off again, so that the model can be run with what it was made
    /// for. False where there is none.</summary>
    public static bool Remove(ModelProto model)
    {
        var graph = model.Graph;
        var made = graph.Node.Where(node => node.Name.StartsWith(Prefix, StringComparison.Ordinal)).ToList();
        var values = made.SelectMany(node => node.Output).ToHashSet(StringComparer.Ordinal);
        var inputs = graph.ValueInfo.Where(value => values.Contains(value.Name)).ToList();
        if (made.Count == 0 || inputs.Count == 0)
        {
            return false;
        }

        graph.Input.RemoveAt(0);
        foreach (var node in made)
        {
            graph.Node.Remove(node);
        }

        foreach (var input in inputs)
        {
            graph.ValueInfo.Remove(input);
            graph.Input.Add(input);
        }

        return true;
    }

    /// <summary>Which of the fast pathway's frames the slow one sees: trunc(linspace(0, fast − 1,
    /// slow)), as PySlowFast takes them.</summary>
    public static long[] SlowFrames(int fast, int slow)
    {
        // torch.linspace counts from both ends, in float.
        var step = slow > 1 ? (fast - 1f) / (slow - 1f) : 0;
        return [.. Enumerable.Range(0, slow).Select(i => (long)(i < slow / 2 ? step * i : fast - 1 - (step * (slow - 1 - i)))).Select(
            (at, i) => slow == 1 ? 0 : at)];
    }

    private void Feed(string frames, ForeignInput input, PreludeSpec spec, int? slow)
    {
        var (layout, value, count) = (spec.Layout, frames, spec.Frames);
        if (slow is { } few)
        {
            value = Add("Gather", [value, Constant(ElementType.I64, [few], SlowFrames(count, few))], Number("axis", 1));
            count = few;
        }

        if (layout != ForeignLayout.Nthwc)
        {
            value = Add("Transpose", [value], List("perm", layout.Order));   // bytes move, not floats: a quarter of the traffic
        }

        if (spec.Colour == ColourOrder.Bgr)
        {
            value = Add("Gather", [value, Constant(ElementType.I64, [3], [2L, 1, 0])], Number("axis", layout.ColoursInOrder));
        }

        if (input.Type != ElementType.U8)
        {
            long[] perColour = [.. Enumerable.Range(0, 5).Select(axis => axis == layout.ColoursInOrder ? 3L : 1)];
            value = Add("Cast", [value], Number("to", (long)ElementType.F32));
            value = Add("Mul", [value, Constant(ElementType.F32, perColour, spec.Gain.ToArray())]);
            value = Add("Sub", [value, Constant(ElementType.F32, perColour, spec.Shift.ToArray())]);
        }

        if (layout is ForeignLayout.Nvcthw or ForeignLayout.Flatchw)
        {
            long[] target = layout == ForeignLayout.Flatchw
                ? [-1, 3, spec.Height, spec.Width]
                : [-1, 1, 3, count, spec.Height, spec.Width];
            value = Add("Reshape", [value, Constant(ElementType.I64, [target.Length], target)]);
        }

        if (spec.Views > 1)
        {
            value = Add("Concat", Enumerable.Repeat(value, spec.Views), Number("axis", 1));
        }

        if (input.Type is ElementType.F16 or ElementType.F64)
        {
            value = Add("Cast", [value], Number("to", (long)input.Type));
        }

        _nodes.Add(new NodeProto { Name = $"{Prefix}{input.Name}", OpType = "Identity", Input = { value }, Output = { input.Name } });
    }

    private string Add(string op, IEnumerable<string> inputs, params ReadOnlySpan<AttributeProto> attributes)
    {
        var name = Unique(Prefix + op);
        var node = new NodeProto { Name = name, OpType = op, Output = { name } };
        node.Input.AddRange(inputs);
        foreach (var attribute in attributes)
        {
            node.Attribute.Add(attribute);
        }

        _nodes.Add(node);
        return name;
    }

    private string Constant<T>(ElementType type, long[] shape, T[] values)
        where T : unmanaged
    {
        var tensor = new TensorProto { DataType = (int)type, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())) };
        tensor.Dims.AddRange(shape);
        return Add("Constant", [], new AttributeProto { Name = "value", T = tensor, Type = AttributeType.Tensor });
    }

    private string Unique(string name)
    {
        for (var i = 1; ; i++)
        {
            var candidate = i == 1 ? name : $"{name}_{i}";
            if (_taken.Add(candidate))
            {
                return candidate;
            }
        }
    }

    private static AttributeProto Number(string name, long value) => Graphs.Attribute.Of(name, value).Proto;

    private static AttributeProto List(string name, int[] values) => Graphs.Attribute.List(name, values).Proto;

    private static ValueInfoProto Info(string name, TensorShapeProto.Types.Dimension batch, PreludeSpec spec)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(batch is { DimValue: > 0 } or { DimParam.Length: > 0 } ? batch : new() { DimParam = "N" });
        foreach (var side in new[] { spec.Frames, spec.Height, spec.Width, 3 })
        {
            shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = side });
        }

        return new() { Name = name, Type = new() { TensorType = new() { ElemType = (int)ElementType.U8, Shape = shape } } };
    }
}
