namespace ActionStream.Models.Checkpoints;

/// <summary>Arrays in memory, by path.</summary>
internal sealed class NamedArrays(IReadOnlyDictionary<string, (int[] Shape, float[] Values)> arrays) : IWeightSource
{
    public IReadOnlyList<int>? ShapeOf(string path, IReadOnlyList<int>? wanted) =>
        arrays.TryGetValue(path, out var array) ? array.Shape : null;

    public float[] Read(string path, IReadOnlyList<int> shape) => arrays[path].Values;
}

/// <summary>Shapes without numbers, for counting parameters and operations.</summary>
internal sealed class NoNumbers : IWeightSource
{
    public IReadOnlyList<int>? ShapeOf(string path, IReadOnlyList<int>? wanted) => wanted;

    public float[] Read(string path, IReadOnlyList<int> shape) =>
        throw new InvalidOperationException($"{path}: this model was made to be counted, it has no numbers");
}
