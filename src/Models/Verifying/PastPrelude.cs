using System.Globalization;
using ActionStream.Models.Graphs;
using ActionStream.Models.Graphs.Onnx;
using ActionStream.Models.Networks;
using Google.Protobuf;

namespace ActionStream.Models.Verifying;

/// <summary>
/// Feeds a finished model what a reference network was fed: numbers in the network's own range, where the model takes
/// bytes. The nodes that turn bytes into that range are left out of a copy; all others are the model's.
/// </summary>
public static class PastPrelude
{
    // A prelude scales and shifts: two steps. A third would belong to the network.
    private const int Steps = 2;

    /// <summary>Writes the copy to <paramref name="copy"/>, and gives the golden input in the model's order of axes.</summary>
    /// <exception cref="ModelBuildException">The model does not take what the golden file has.</exception>
    public static NamedArray Write(string model, GoldenFile golden, string copy)
    {
        var proto = OnnxFile.Load(model);
        Foreign.Prelude.Remove(proto); // of an adopted model: what is left takes what its maker fed it
        var initialisers = proto.Graph.Initializer.Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        var port = proto.Graph.Input.Where(input => !initialisers.Contains(input.Name)).ToList() is [var only]
            ? only
            : throw new ModelBuildException($"{model} has {proto.Graph.Input.Count} inputs; expected one");
        if (port.Type?.TensorType is not { } type)
        {
            throw new ModelBuildException($"{model}: its input {port.Name} is no tensor");
        }

        if (type.ElemType == (int)ElementType.U8)
        {
            type.ElemType = (int)ElementType.F32;
            LeaveOut(proto.Graph, port.Name, initialisers);
        }

        // Arrays in a file of their own are looked for beside the model.
        foreach (var location in proto.Graph.Initializer.SelectMany(tensor => tensor.ExternalData).Where(entry => entry.Key == "location")
            .Select(entry => Path.GetFileName(entry.Value)).Distinct())
        {
            File.Copy(
                Path.Combine(Path.GetDirectoryName(Path.GetFullPath(model))!, location),
                Path.Combine(Path.GetDirectoryName(Path.GetFullPath(copy))!, location), overwrite: true);
        }

        var input = Arranged(golden, port.Name, [.. (type.Shape?.Dim ?? []).Select(dim => dim.DimValue > 0 ? (int?)dim.DimValue : null)]);
        using var file = File.Create(copy);
        proto.WriteTo(file);
        return input;
    }

    /// <summary>A model's only answer, called as golden files call it.</summary>
    public static IReadOnlyDictionary<string, float[]> Answer(IReadOnlyDictionary<string, float[]> results) =>
        new Dictionary<string, float[]>(StringComparer.Ordinal) { [GoldenFile.Output] = results.Values.First() };

    // From the input on, along nodes that only move numbers, to the cast; then at most two steps of scaling by constants.
    private static void LeaveOut(GraphProto graph, string input, HashSet<string> initialisers)
    {
        var constants = graph.Node.Where(node => node.OpType == "Constant").SelectMany(node => node.Output).Concat(initialisers)
            .ToHashSet(StringComparer.Ordinal);
        var at = input;
        var isNumber = false;
        for (var scaled = 0; graph.Node.Where(node => node.Input.Contains(at)).ToList() is [var node];)
        {
            switch (node.OpType)
            {
                case "Cast" when !isNumber:
                    isNumber = true;
                    PassThrough(node, at);
                    break;
                case "Mul" or "Div" or "Add" or "Sub"
                    when isNumber && scaled < Steps && node.Input.Where(name => name != at).All(constants.Contains):
                    scaled++;
                    PassThrough(node, at);
                    break;
                case "Reshape" or "Transpose" or "Slice" or "Squeeze" or "Unsqueeze" or "Identity" when !isNumber:
                    break;
                default:
                    return;
            }

            at = node.Output[0];
        }
    }

    private static void PassThrough(NodeProto node, string value)
    {
        node.OpType = "Identity";
        node.Attribute.Clear();
        node.Input.Clear();
        node.Input.Add(value);
    }

    // Our models see [N, T, H, W, 3]; a reference may have its channels elsewhere, and a frame has no time.
    private static NamedArray Arranged(GoldenFile golden, string name, int?[] wanted)
    {
        var input = golden.Read(GoldenFile.Input);
        if (Fits(input.Shape, wanted))
        {
            return input with { Name = name };
        }

        if (input.Shape.Count == 4 && wanted.Length == 5 && Fits([input.Shape[0], 1, .. input.Shape.Skip(1)], wanted))
        {
            return new(name, [input.Shape[0], 1, .. input.Shape.Skip(1)], input.Values);
        }

        var layout = golden.Layout.Length > 0 ? golden.Layout : "NCTHW";
        int[] order = [.. "NTHWC".Select(axis => layout.IndexOf(axis, StringComparison.Ordinal))];
        if (layout.Length == input.Shape.Count && order.Length == input.Shape.Count && !order.Contains(-1))
        {
            int[] shape = [.. order.Select(axis => input.Shape[axis])];
            if (Fits(shape, wanted))
            {
                return new(name, shape, new Weight(name, input.Shape, () => input.Values).Transpose(order).Read());
            }
        }

        throw new ModelBuildException(
            $"the model takes [{string.Join(", ", wanted.Select(axis => axis?.ToString(CultureInfo.InvariantCulture) ?? "N"))}], "
            + $"the golden file's input is [{string.Join(", ", input.Shape)}]{(golden.Layout.Length > 0 ? $" ({golden.Layout})" : "")}");
    }

    private static bool Fits(IReadOnlyList<int> shape, int?[] wanted) =>
        shape.Count == wanted.Length && shape.Zip(wanted).All(pair => pair.Second is null || pair.First == pair.Second);
}
