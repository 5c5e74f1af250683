using ActionStream.Models.Graphs.Onnx;

namespace ActionStream.Models.Graphs;

/// <summary>An input or output as the file states it; axes are numbers or names.</summary>
public sealed record OnnxPort(string Name, ElementType Type, IReadOnlyList<string> Shape)
{
    public override string ToString() => $"{Name} {Type.Label} [{string.Join(", ", Shape)}]";
}

/// <summary>What an .onnx file says about itself, without running it.</summary>
/// <param name="Ops">How often each operator occurs, most frequent first; other domains than ONNX's own as domain.Op.</param>
/// <param name="Parameters">Numbers in its initialisers of floating type.</param>
/// <param name="Opset">Version of ONNX's own operators; 0 if it states none.</param>
public sealed record OnnxSummary(
    IReadOnlyList<OnnxPort> Inputs,
    IReadOnlyList<OnnxPort> Outputs,
    IReadOnlyList<KeyValuePair<string, int>> Ops,
    long Parameters,
    long Opset,
    long IrVersion,
    string Producer,
    long Bytes)
{
    /// <exception cref="OnnxFileException">The file is missing, damaged, or not ONNX.</exception>
    public static OnnxSummary Read(string path)
    {
        var model = OnnxFile.Load(path);
        var graph = model.Graph;

        // Old files list their initialisers among the inputs.
        var known = graph.Initializer.Select(initialiser => initialiser.Name).ToHashSet(StringComparer.Ordinal);
        return new(
            [.. graph.Input.Where(input => !known.Contains(input.Name)).Select(Port)],
            [.. graph.Output.Select(Port)],
            [
                .. graph.Node.GroupBy(node => node.Domain is "" or "ai.onnx" ? node.OpType : $"{node.Domain}.{node.OpType}")
                    .Select(group => KeyValuePair.Create(group.Key, group.Count()))
                    .OrderByDescending(op => op.Value).ThenBy(op => op.Key, StringComparer.Ordinal),
            ],
            graph.Initializer.Where(IsFloating).Sum(Elements),
            model.OpsetImport.FirstOrDefault(set => set.Domain is "" or "ai.onnx")?.Version ?? 0,
            model.IrVersion,
            $"{model.ProducerName} {model.ProducerVersion}".Trim(),
            new FileInfo(path).Length);
    }

    private static OnnxPort Port(ValueInfoProto value)
    {
        var tensor = value.Type?.TensorType;
        return new(
            value.Name,
            (ElementType)(tensor?.ElemType ?? 0),
            [.. (tensor?.Shape?.Dim ?? []).Select(dim => dim.ValueCase switch
            {
                TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue =>
                    dim.DimValue.ToString(System.Globalization.CultureInfo.InvariantCulture),
                TensorShapeProto.Types.Dimension.ValueOneofCase.DimParam => dim.DimParam,
                _ => "?",
            })]);
    }

    private static bool IsFloating(TensorProto tensor) =>
        (ElementType)tensor.DataType is ElementType.F32 or ElementType.F16 or ElementType.BF16 or ElementType.F64;

    private static long Elements(TensorProto tensor) => tensor.Dims.Aggregate(1L, (product, dim) => product * dim);
}
