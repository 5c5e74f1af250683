using ActionStream.Models.Graphs;

namespace ActionStream.Models.Checkpoints;

/// <summary>Where learned arrays come from: a file, a dictionary, a random generator.</summary>
public interface IWeightSource
{
    /// <summary>The array's shape, or null where there is none. A source that makes arrays answers with what is wanted.</summary>
    IReadOnlyList<int>? ShapeOf(string path, IReadOnlyList<int>? wanted);

    /// <summary>The array's numbers, last axis fastest.</summary>
    float[] Read(string path, IReadOnlyList<int> shape);
}

/// <summary>A place in a checkpoint. `/` goes one name deeper; asking for an array states its shape, so a
/// mismatch fails with the full path.</summary>
internal sealed class Weights
{
    private readonly IWeightSource _source;
    private readonly List<Weight> _taken;
    private readonly HashSet<string> _optional;
    private readonly char _separator;
    private readonly List<MissingWeight>? _missing;

    /// <param name="missing">Where arrays are noted that are not there as asked for. Without it, the first such array throws.</param>
    public Weights(IWeightSource source, List<MissingWeight>? missing = null)
        : this(source, "", '/', [], new(StringComparer.Ordinal), missing)
    {
    }

    private Weights(
        IWeightSource source, string path, char separator, List<Weight> taken, HashSet<string> optional, List<MissingWeight>? missing) =>
        (_source, Path, _separator, _taken, _optional, _missing) = (source, path, separator, taken, optional, missing);

    public string Path { get; }

    /// <summary>Every array asked for so far, from any place of this checkpoint: the model's parameters.</summary>
    public IReadOnlyList<Weight> Taken => _taken;

    /// <summary>Paths of arrays that a checkpoint may lack.</summary>
    public IReadOnlySet<string> Optional => _optional;

    /// <summary>The same place, names joined by dots: PyTorch writes them so, Flax with slashes.</summary>
    public Weights Dotted => new(_source, Path, '.', _taken, _optional, _missing);

    public static Weights operator /(Weights weights, string name) =>
        new(weights._source, weights.Join(name), weights._separator, weights._taken, weights._optional, weights._missing);

    public bool Has(string name) => ShapeOf(name) is not null;

    /// <summary>The shape that is stored, so that a model may read its own measures from its weights.</summary>
    public IReadOnlyList<int>? ShapeOf(string name) => _source.ShapeOf(Join(name), null);

    public Weight Get(string name, params int[] shape)
    {
        var path = Join(name);
        var stored = _source.ShapeOf(path, shape);
        if (stored is null || !stored.SequenceEqual(shape))
        {
            var missing = new MissingWeight(path, shape, stored);
            if (_missing is null)
            {
                throw new WeightException(missing.ToString());
            }

            _missing.Add(missing);
        }

        var weight = new Weight(path, shape, () => _source.Read(path, shape));
        _taken.Add(weight);
        return weight;
    }

    /// <summary>An array that a checkpoint may lack; null then.</summary>
    public Weight? Find(string name, params int[] shape)
    {
        _optional.Add(Join(name));
        return _source.ShapeOf(Join(name), shape) is null ? null : Get(name, shape);
    }

    private string Join(string name) => Path.Length == 0 ? name : $"{Path}{_separator}{name}";
}

/// <summary>An array that a model needs and a checkpoint does not have, or has in another shape.</summary>
internal sealed record MissingWeight(string Name, IReadOnlyList<int> Expected, IReadOnlyList<int>? Found)
{
    public override string ToString() => Found is null
        ? $"{Name} is missing; expected [{string.Join(", ", Expected)}]"
        : $"{Name} is [{string.Join(", ", Found)}]; expected [{string.Join(", ", Expected)}]";
}
