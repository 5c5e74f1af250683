namespace ActionStream.Models.Checkpoints;

/// <summary>Where learned arrays come from: a file, a dictionary, a random generator.</summary>
public interface IWeightSource
{
    /// <summary>The array's shape, or null where there is none. A source that makes arrays answers with what is wanted.</summary>
    IReadOnlyList<int>? ShapeOf(string path, IReadOnlyList<int>? wanted);

    /// <summary>The array's numbers, last axis fastest.</summary>
    float[] Read(string path, IReadOnlyList<int> shape);
}

/// <summary>A place in a checkpoint. `/` goes one name deeper; asking for an array states its shape, so a mismatch fails with the full path.</summary>
public sealed class Weights
{
    private readonly IWeightSource _source;
    private readonly List<Weight> _taken;
    private readonly char _separator;

    public Weights(IWeightSource source)
        : this(source, "", '/', [])
    {
    }

    private Weights(IWeightSource source, string path, char separator, List<Weight> taken) =>
        (_source, Path, _separator, _taken) = (source, path, separator, taken);

    public string Path { get; }

    /// <summary>Every array asked for so far, from any place of this checkpoint: the model's parameters.</summary>
    public IReadOnlyList<Weight> Taken => _taken;

    /// <summary>The same place, names joined by dots: PyTorch writes them so, Flax with slashes.</summary>
    public Weights Dotted => new(_source, Path, '.', _taken);

    public static Weights operator /(Weights weights, string name) =>
        new(weights._source, weights.Join(name), weights._separator, weights._taken);

    public bool Has(string name) => ShapeOf(name) is not null;

    /// <summary>The shape that is stored, so that a model may read its own measures from its weights.</summary>
    public IReadOnlyList<int>? ShapeOf(string name) => _source.ShapeOf(Join(name), null);

    public Weight Get(string name, params int[] shape)
    {
        var path = Join(name);
        var stored = _source.ShapeOf(path, shape) ?? throw new WeightException($"{path} is missing; expected [{string.Join(", ", shape)}]");
        if (!stored.SequenceEqual(shape))
        {
            throw new WeightException($"{path} is [{string.Join(", ", stored)}]; expected [{string.Join(", ", shape)}]");
        }

        var weight = new Weight(path, shape, () => _source.Read(path, shape));
        _taken.Add(weight);
        return weight;
    }

    /// <summary>An array that a checkpoint may lack; null then.</summary>
    public Weight? Find(string name, params int[] shape) => _source.ShapeOf(Join(name), shape) is null ? null : Get(name, shape);

    private string Join(string name) => Path.Length == 0 ? name : $"{Path}{_separator}{name}";
}
