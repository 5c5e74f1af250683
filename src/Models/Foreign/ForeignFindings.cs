using System.Globalization;
using ActionStream.Core.Modelling;
using ActionStream.Models.Graphs;
using ActionStream.Models.Graphs.Onnx;

namespace ActionStream.Models.Foreign;

/// <summary>One input of a clip: a whole clip, or one pathway of two.</summary>
/// <param name="Dims">Axes as the file states them; null where it leaves them open.</param>
internal sealed record ForeignInput(ValueInfoProto Info, ElementType Type, IReadOnlyList<long?> Dims)
{
    public string Name => Info.Name;

    public override string ToString() =>
        $"{Name} {Type.Label} [{string.Join(", ", Info.Type.TensorType.Shape.Dim.Select(dim =>
            dim.DimParam.Length > 0 ? dim.DimParam
            : dim.DimValue > 0 ? dim.DimValue.ToString(CultureInfo.InvariantCulture)
            : "?"))}]";
}

/// <summary>What an ONNX file says about itself that matters for feeding and reading it.</summary>
/// <param name="Inputs">One, or two of which the first has fewer frames (slow) than the second (fast).</param>
/// <param name="Layout">Null where the axes could be read in more than one way.</param>
/// <param name="End">Whether the graph itself ends in scores; null where it is open which output is the answer.</param>
internal sealed record ForeignFindings(
    IReadOnlyList<ForeignInput> Inputs,
    ForeignLayout? Layout,
    int? Frames,
    int? SlowFrames,
    int? Height,
    int? Width,
    int? Views,
    ValueInfoProto? Output,
    int? Classes,
    GraphEnd? End,
    long Opset)
{
    private const int Least = 7;

    /// <summary>What the card has to say; null where the graph does not tell.</summary>
    public Activation? Activation => End?.Needed;

    public bool IsTwoPathways => Inputs.Count == 2;

    /// <param name="wanted">What the person already said: it decides where the file is ambiguous.</param>
    /// <exception cref="ForeignModelException">No card could make this file run.</exception>
    public static ForeignFindings Of(ModelProto model, OnnxOutline outline, string file, AdoptOptions wanted)
    {
        var graph = model.Graph;
        var opset = model.OpsetImport.FirstOrDefault(set => set.Domain is "" or "ai.onnx")?.Version ?? 0;
        if (opset < Least)
        {
            throw new ForeignModelException(
                $"{file} uses operator set {opset}; version {Least} or later is needed. Export it again, "
                + "or convert it with onnx.version_converter");
        }

        var inputs = InputsOf(graph, file);
        var layout = wanted.Layout ?? LayoutOf(inputs[0].Dims);
        if (layout is { } chosen
            && inputs.FirstOrDefault(input => input.Dims.Count != chosen.Rank || (input.Dims[chosen.Colours] ?? 3) != 3) is { } odd)
        {
            throw new ForeignModelException(
                $"{file}: its input {odd} is not {chosen.ToString().ToLowerInvariant()}, which has {chosen.Rank} axes, "
                + $"3 at axis {chosen.Colours}");
        }

        if (layout is { } order)
        {
            // The slow pathway first.
            inputs = [.. inputs.OrderBy(input => input.Dims[order.Frames] ?? long.MaxValue)];
        }

        if (inputs.FirstOrDefault(input => layout != ForeignLayout.Flatchw && input.Dims[0] is > 1) is { } batched)
        {
            throw new ForeignModelException(
                $"{file}: its input {batched} is made for {batched.Dims[0]} clips at a time; export it for one, or with an open batch");
        }

        var output = OutputOf(graph, file, wanted);
        var fast = inputs[^1];
        return new(
            inputs,
            layout,
            At(fast, layout?.Frames),
            inputs.Count == 2 ? At(inputs[0], layout?.Frames) : null,
            At(fast, layout?.Rows),
            At(fast, layout?.Columns),
            layout == ForeignLayout.Nvcthw ? (int)Math.Min(fast.Dims[1] ?? 1, int.MaxValue) : 1,
            output,
            output is null ? null : ClassesOf(output),
            output is null ? null : GraphEnd.Of(outline, output.Name),
            opset);

        static int? At(ForeignInput input, int? axis) =>
            axis is { } known && input.Dims[known] is { } length and > 0 and <= int.MaxValue ? (int)length : null;
    }

    private static List<ForeignInput> InputsOf(GraphProto graph, string file)
    {
        // Old files list their initialisers among the inputs.
        var known = graph.Initializer.Select(initialiser => initialiser.Name).ToHashSet(StringComparer.Ordinal);
        var inputs = graph.Input.Where(input => !known.Contains(input.Name))
            .Select(input => new ForeignInput(input, (ElementType)(input.Type?.TensorType?.ElemType ?? 0), DimsOf(input))).ToList();
        if (inputs.Count is not (1 or 2))
        {
            throw new ForeignModelException(
                $"{file} has {inputs.Count} inputs ({string.Join(", ", inputs.Select(input => input.Name))}); "
                + "expected one clip, or the two pathways of a SlowFast network");
        }

        foreach (var input in inputs)
        {
            if (input.Dims.Count is not (4 or 5 or 6))
            {
                throw new ForeignModelException($"{file}: its input {input.Name} has {input.Dims.Count} axes; a clip has 4 to 6");
            }

            if (input.Type is not (ElementType.F32 or ElementType.F16 or ElementType.F64 or ElementType.U8))
            {
                throw new ForeignModelException(
                    $"{file}: its input {input} is not of a type that pixels come in (float32, float16, float64, uint8)");
            }
        }

        return inputs;
    }

    private static List<long?> DimsOf(ValueInfoProto value) =>
        [.. (value.Type?.TensorType?.Shape?.Dim ?? []).Select(dim =>
            dim.ValueCase == TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue && dim.DimValue > 0 ? dim.DimValue : default(long?))];

    // The three colours give the order away, unless something else is three long, too.
    private static ForeignLayout? LayoutOf(IReadOnlyList<long?> dims)
    {
        ForeignLayout[] candidates = dims.Count switch
        {
            4 => [ForeignLayout.Flatchw],
            5 => [ForeignLayout.Ncthw, ForeignLayout.Ntchw, ForeignLayout.Nthwc],
            _ => [ForeignLayout.Nvcthw],
        };
        ForeignLayout[] fitting = [.. candidates.Where(
            layout => dims[layout.Colours] == 3 && dims[layout.Rows] is null or >= 16 && dims[layout.Columns] is null or >= 16)];
        return fitting.Length == 1 ? fitting[0] : null;
    }

    private static ValueInfoProto? OutputOf(GraphProto graph, string file, AdoptOptions wanted)
    {
        if (wanted.Output.Length > 0)
        {
            return graph.Output.FirstOrDefault(output => output.Name == wanted.Output)
                ?? throw new ForeignModelException(
                    $"{file} has no output {wanted.Output}; it has {string.Join(", ", graph.Output.Select(output => output.Name))}");
        }

        return graph.Output.Count switch
        {
            0 => throw new ForeignModelException($"{file} has no output"),
            1 => graph.Output[0],
            _ => null,
        };
    }

    private static int? ClassesOf(ValueInfoProto output)
    {
        var dims = DimsOf(output).Skip(1).ToList();
        return dims.Count > 0 && dims.All(dim => dim is not null)
            && dims.Aggregate(1L, (product, dim) => product > int.MaxValue ? product : product * dim!.Value) is <= 1_000_000 and var classes
            ? (int)classes
            : null;
    }
}
