using ActionStream.Models.Graphs;
using ActionStream.Models.Graphs.Onnx;
using Attribute = ActionStream.Models.Graphs.Attribute;

namespace ActionStream.Models.Foreign;

/// <summary>Makes the answer of somebody else's model [N, K] float32, one row per clip: views and segments are
/// averaged, axes of one dropped.</summary>
internal static class ForeignAnswer
{
    private const string Prefix = "answer/";

    /// <summary>Changes the model where its answer is of another form.</summary>
    /// <returns>Name of the output to read.</returns>
    public static string Shape(ModelProto model, ForeignFindings found, int classes, string file)
    {
        var output = found.Output!;
        var type = (ElementType)(output.Type?.TensorType?.ElemType ?? 0);
        if (type is not (ElementType.F32 or ElementType.F16 or ElementType.F64))
        {
            throw new ForeignModelException($"{file}: its output {output.Name} is {type.Label}; expected numbers, one for each class");
        }

        var dims = output.Type!.TensorType!.Shape?.Dim;
        var rank = dims?.Count ?? 0;
        var rows = dims is { Count: > 0 } && dims[0].DimValue > 0 ? dims[0].DimValue : default(long?);
        var copies = found.Layout == ForeignLayout.Flatchw ? found.Inputs[0].Dims[0] : found.Views;
        if (copies is null or > 1 && rows is null)
        {
            throw new ForeignModelException(
                $"{file}: several views or frames share its batch, and its output leaves open whether they are averaged; "
                + "export it for one clip with fixed axes");
        }

        if (rows > 1 && rows != copies)
        {
            throw new ForeignModelException(
                $"{file}: its output {output.Name} has {rows} rows for one clip; expected 1{(copies > 1 ? $" or {copies}" : "")}");
        }

        var value = output.Name;
        if (rows > 1)
        {
            value = found.Opset >= 18
                ? Add(model, "ReduceMean", [value, Axes(model)], Attribute.Of("keepdims", 1))
                : Add(model, "ReduceMean", [value], Attribute.List("axes", 0), Attribute.Of("keepdims", 1));
        }

        if (rank != 2)
        {
            value = Add(model, "Reshape", [value, Constant(model, [-1, classes])]);
        }

        if (type != ElementType.F32)
        {
            value = Add(model, "Cast", [value], Attribute.Of("to", (long)ElementType.F32));
        }

        if (value != output.Name)
        {
            var shape = new TensorShapeProto();
            shape.Dim.Add(rows is null ? new() { DimParam = "N" } : new TensorShapeProto.Types.Dimension { DimValue = 1 });
            shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = classes });
            model.Graph.Output.Insert(
                0, new() { Name = value, Type = new() { TensorType = new() { ElemType = (int)ElementType.F32, Shape = shape } } });
        }

        return value;
    }

    private static string Axes(ModelProto model) => Constant(model, [0]);

    private static string Constant(ModelProto model, long[] values)
    {
        var tensor = new TensorProto { DataType = (int)ElementType.I64 };
        tensor.Dims.Add(values.Length);
        tensor.Int64Data.AddRange(values);
        var name = Unique(model, "Constant");
        model.Graph.Node.Add(new NodeProto
        {
            Name = name,
            OpType = "Constant",
            Output = { name },
            Attribute = { new AttributeProto { Name = "value", T = tensor, Type = AttributeProto.Types.AttributeType.Tensor } },
        });
        return name;
    }

    private static string Add(ModelProto model, string op, string[] inputs, params ReadOnlySpan<Attribute> attributes)
    {
        var name = Unique(model, op);
        var node = new NodeProto { Name = name, OpType = op, Output = { name } };
        node.Input.AddRange(inputs);
        foreach (var attribute in attributes)
        {
            node.Attribute.Add(attribute.Proto);
        }

        model.Graph.Node.Add(node);
        return name;
    }

    private static string Unique(ModelProto model, string op)
    {
        var taken = model.Graph.Node.SelectMany(node => node.Output).ToHashSet(StringComparer.Ordinal);
        var name = Prefix + op;
        for (var i = 2; !taken.Add(name); i++)
        {
            name = $"{Prefix}{op}_{i}";
        }

        return name;
    }
}
