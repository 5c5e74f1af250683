using ActionStream.Models.Checkpoints;

namespace ActionStream.Unit.Models;

/// <summary>A checkpoint that is no file.</summary>
internal sealed class FakeCheckpoint(IReadOnlyDictionary<string, (int[] Shape, float[] Values)> arrays) : Checkpoint
{
    public override string Container => "memory";

    public override IReadOnlyCollection<CheckpointArray> Arrays =>
        [.. arrays.Select(array => new CheckpointArray(array.Key, "F32", array.Value.Shape))];

    /// <summary>Everything that a network asks for, seeded.</summary>
    public static FakeCheckpoint Of(Action<Weights> network, ulong seed = 1)
    {
        var weights = new Weights(new SeededWeights(seed));
        network(weights);
        return new(weights.Taken.ToDictionary(weight => weight.Name, weight => (weight.Shape.ToArray(), weight.Read())));
    }

    public override IReadOnlyList<int>? ShapeOf(string path, IReadOnlyList<int>? wanted) =>
        arrays.TryGetValue(path, out var array) ? array.Shape : null;

    public override float[] Read(string path, IReadOnlyList<int> shape) => [.. arrays[path].Values];
}
