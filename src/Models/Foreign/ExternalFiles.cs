using System.Globalization;
using ActionStream.Models.Graphs.Onnx;

namespace ActionStream.Models.Foreign;

/// <summary>Files beside a model that hold its large arrays.</summary>
internal static class ExternalFiles
{
    /// <summary>Names of all files the model needs, each checked to be there and long enough.</summary>
    /// <exception cref="ForeignModelException">A file is missing, cut short, or lies outside the model's folder.</exception>
    public static IReadOnlyList<string> Of(ModelProto model, string folder, string file)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var tensor in Tensors(model.Graph).Where(tensor => tensor.DataLocation == TensorProto.Types.DataLocation.External))
        {
            var notes = tensor.ExternalData.GroupBy(note => note.Key).ToDictionary(group => group.Key, group => group.Last().Value);
            var name = notes.GetValueOrDefault("location", "");
            if (name.Length == 0 || Path.IsPathRooted(name) || name.Split('/', '\\').Contains("..")
                || name.Contains('\0', StringComparison.Ordinal))
            {
                throw new ForeignModelException($"{file} keeps {tensor.Name} in '{name}'; expected a file beside it");
            }

            var info = new FileInfo(Path.Combine(folder, name));
            if (!info.Exists || info.LinkTarget is not null)
            {
                throw new ForeignModelException(
                    $"{file} keeps {tensor.Name} in {name}, and there is no such file beside it. Copy it there, "
                    + "or export the model into one file");
            }

            if (NumberOf(notes, "offset") is not { } offset || NumberOf(notes, "length") is not { } length || offset > info.Length
                || length > info.Length - offset)
            {
                throw new ForeignModelException(
                    $"{file} keeps {tensor.Name} in {name} beyond the end of that file's {info.Length} bytes; it was cut short");
            }

            names.Add(name);
        }

        return [.. names];
    }

    // Absent means 0; null means nonsense.
    private static long? NumberOf(Dictionary<string, string> notes, string key) =>
        !notes.TryGetValue(key, out var text) ? 0
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : null;

    private static IEnumerable<TensorProto> Tensors(GraphProto graph) =>
        graph.Initializer.Concat(graph.Node.SelectMany(node => node.Attribute).SelectMany(attribute =>
            (attribute.T is null ? Enumerable.Empty<TensorProto>() : [attribute.T])
                .Concat(attribute.G is null ? [] : Tensors(attribute.G))));
}
