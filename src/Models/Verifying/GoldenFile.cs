using System.Text.Json;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Networks;

namespace ActionStream.Models.Verifying;

/// <summary>Numbers of one array, as they travel between a file, a graph and the one who compares.</summary>
public sealed record NamedArray(string Name, IReadOnlyList<int> Shape, float[] Values);

/// <summary>
/// Weights, an input and what a reference implementation answered to it: a .safetensors file whose metadata hold the
/// architecture and its measures as `config`, with arrays `input`, `output` and `mid.*`.
/// </summary>
public sealed class GoldenFile
{
    public const string Input = "input";
    public const string Output = "output";
    public const string Mid = "mid.";

    // A TokenFuser takes the features that its tokens came from, too. Other arrays named input.* tell how input was made.
    private const string Original = "input.original";

    private readonly SafeTensors _file;
    private readonly string _path;

    private GoldenFile(string path, SafeTensors file, JsonElement config)
    {
        (_path, _file, Config) = (path, file, config);
        Architecture = Word("arch") ?? file.Metadata.GetValueOrDefault("family") ?? "";
    }

    /// <summary>The architecture as the file names it; empty where it does not.</summary>
    public string Architecture { get; }

    public JsonElement Config { get; }

    /// <summary>True if the architecture is one that we can build.</summary>
    public bool IsKnown => ConfiguredNetworks.All.ContainsKey(Architecture);

    /// <summary>Order of the input's axes, such as NCTHW; empty where the file does not say.</summary>
    public string Layout => (Word("input_layout") ?? Word("layout") ?? "").Split(' ')[0].Replace(",", "", StringComparison.Ordinal);

    /// <summary>How far an answer may be off.</summary>
    public Tolerances Tolerances => Tolerances.Of(Architecture);

    /// <exception cref="CheckpointException">The file cannot be read, or is no golden file.</exception>
    public static GoldenFile Open(string path)
    {
        var file = SafeTensors.Open(path);
        foreach (var name in (string[])[Input, Output])
        {
            if (file.ShapeOf(name, null) is not { Count: > 0 } shape || shape.Contains(0))
            {
                throw new CheckpointException(path, $"it has no {name}, or an empty one, so it is no golden file");
            }
        }

        try
        {
            using var config = JsonDocument.Parse(file.Metadata.GetValueOrDefault("config") ?? "{}");
            return config.RootElement.ValueKind == JsonValueKind.Object
                ? new(path, file, config.RootElement.Clone())
                : throw new CheckpointException(path, "its config is not a JSON object");
        }
        catch (JsonException damaged)
        {
            throw new CheckpointException(path, $"its config is not JSON: {damaged.Message}", damaged);
        }
    }

    /// <summary>What goes into the network.</summary>
    public IReadOnlyList<NamedArray> Inputs() => [.. InputNames.Select(Read)];

    public NamedArray Read(string name) =>
        new(name, _file.ShapeOf(name, null) ?? throw new CheckpointException(_path, $"it has no {name}"), _file.Read(name, []));

    /// <summary>True for arrays of whole numbers: which tokens were chosen, not how strongly.</summary>
    public bool IsChoice(string name) => _file.Arrays.First(array => array.Name == name).Type is "I64" or "I32";

    /// <summary>The mids that the file holds, without their prefix.</summary>
    public IReadOnlyList<string> Mids =>
        [.. _file.Arrays.Select(array => array.Name).Where(name => name.StartsWith(Mid, StringComparison.Ordinal)).Select(name =>
            name[Mid.Length..])];

    /// <summary>Writes the network that the file describes, with the file's weights; every mid that the
    /// network marks is an output `mid.*`.</summary>
    /// <exception cref="CheckpointException">Its architecture is unknown, or the file does not hold
    /// what the architecture needs.</exception>
    public void WriteOnnx(string path, GraphForm form) => OnnxFile.Save(Build(form), path);

    internal Graph Build(GraphForm form)
    {
        if (!ConfiguredNetworks.All.TryGetValue(Architecture, out var network))
        {
            throw new CheckpointException(
                _path, $"its architecture is '{Architecture}'; "
                    + $"known are {string.Join(", ", ConfiguredNetworks.All.Keys.Order(StringComparer.Ordinal))}");
        }

        var graph = new Graph(Architecture, form);
        try
        {
            List<Tensor> inputs = [.. InputNames.Select(name =>
                graph.Input(name, ElementType.F32, ["N", .. _file.ShapeOf(name, null)!.Skip(1).Select(axis => (Dim)axis)]))];
            graph.Output(Output, network(new Weights(_file), Config, inputs));
            foreach (var mid in Mids)
            {
                if (graph.Reveal(mid) is { } value)
                {
                    graph.Output(Mid + mid, value);
                }
            }

            return graph;
        }
        catch (Exception problem) when (NetworkConfig.IsWrong(problem))
        {
            throw new CheckpointException(_path, problem.Message, problem);
        }
    }

    private IEnumerable<string> InputNames => ((string[])[Input, Original]).Where(name => _file.ShapeOf(name, null) is not null);

    private string? Word(string name) =>
        Config.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
