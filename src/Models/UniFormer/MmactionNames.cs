using ActionStream.Models.Checkpoints;

namespace ActionStream.Models.UniFormer;

/// <summary>UniFormer's arrays as mmaction2 names them: everything below `backbone`, the head as `cls_head.fc_cls`.</summary>
/// <remarks>mmaction2 also sorted the head's classes by name: the same network needs another file of labels.</remarks>
internal sealed class MmactionNames(IWeightSource source) : IWeightSource
{
    /// <summary>The source itself, if its names are the authors'.</summary>
    public static IWeightSource Rename(IWeightSource source) =>
        source.ShapeOf("backbone.patch_embed1.proj.weight", null) is null ? source : new MmactionNames(source);

    public IReadOnlyList<int>? ShapeOf(string path, IReadOnlyList<int>? wanted) => source.ShapeOf(Theirs(path), wanted);

    public float[] Read(string path, IReadOnlyList<int> shape) => source.Read(Theirs(path), shape);

    private static string Theirs(string path) =>
        path.StartsWith("head.", StringComparison.Ordinal) ? $"cls_head.fc_cls{path["head".Length..]}" : $"backbone.{path}";
}
