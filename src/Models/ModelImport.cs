using System.Text.RegularExpressions;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Networks;

namespace ActionStream.Models;

/// <summary>What an import made of a checkpoint.</summary>
/// <param name="Container">What the file was: safetensors, PyTorch zip …</param>
/// <param name="Unused">Arrays of the file that the model does not need.</param>
public sealed record ImportedModel(BuiltModel Built, string Container, IReadOnlyList<string> Unused);

/// <summary>Turns a published checkpoint into a model folder.</summary>
public static partial class ModelImport
{
    // Counts how many batches were seen in training; no network reads it.
    private const string Counter = "num_batches_tracked";

    private const int Named = 5;

    /// <summary>Finds out what the file is, checks that it has every array the preset needs and none inside its modules
    /// that the preset lacks, and builds.</summary>
    /// <param name="allowUnused">Build even if the file has arrays inside modules of the model that the model does not know.</param>
    /// <exception cref="CheckpointException">The file cannot be read.</exception>
    /// <exception cref="ModelBuildException">It is not a checkpoint of that preset, or the preset cannot be built as asked.</exception>
    public static ImportedModel Import(
        string file, string preset, BuildOptions options, string folder, bool allowUnused = false,
        IProgress<BuildProgress>? progress = null)
    {
        progress?.Report(new("reading the checkpoint", 0));
        var architecture = Presets.Named(preset);
        var checkpoint = Checkpoint.Open(file);
        var used = new Used(checkpoint);
        var source = architecture.Rename(used);
        if (options.Classes == 0 && options.Labels.Count == 0 && architecture.ClassesIn(new Weights(source)) is { } classes)
        {
            options = options with { Classes = classes };
        }

        var labels = options.Labels.Count > 0 ? options.Labels.Count : options.Classes;
        var missing = new List<MissingWeight>();
        var weights = new Weights(source, missing);
        _ = architecture.Make(weights, architecture.Measures with { Classes = labels > 0 ? labels : architecture.Measures.Classes });
        if (missing.Count > 0)
        {
            throw new ModelBuildException(Misfit(file, checkpoint, preset, weights.Taken.Count, missing));
        }

        var strangers = Strangers(checkpoint, used.Asked);
        if (strangers.Count > 0 && !allowUnused)
        {
            throw new ModelBuildException(
                $"{file} has {strangers.Count} arrays that {preset} has no place for, such as {string.Join(", ", strangers.Take(Named))}: "
                + "it is probably a checkpoint of a larger or another network, and its answers would be wrong without them; "
                + "--allow-unused builds nevertheless");
        }

        var provenance = new Provenance(true, $"{Path.GetFileName(file)}, a checkpoint for {preset}", architecture.Licence ?? "unknown");
        var built = ModelBuilder.Build(architecture, new Weights(source), options, folder, provenance, progress);
        var unused = checkpoint.Arrays.Select(array => array.Name).Where(name =>
            !used.Names.Contains(name) && !name.EndsWith(Counter, StringComparison.Ordinal));
        return new(built, checkpoint.Container, [.. unused]);
    }

    private static string Misfit(string file, Checkpoint checkpoint, string preset, int needed, List<MissingWeight> missing)
    {
        var more = missing.Count > Named ? $" … and {missing.Count - Named} more" : "";
        var begins = missing.All(weight => weight.Found is null)
            ? $"; its own arrays begin {string.Join(", ", checkpoint.Arrays.Take(3).Select(array => array.Name))}"
            : "";
        return $"{file} ({checkpoint.Container}) is no checkpoint of {preset}: {missing.Count} of {needed} arrays do not fit: "
            + $"{string.Join("; ", missing.Take(Named))}{more}{begins}";
    }

    // A head that served training is one thing; a block more than the model has is another. Modules are told by their first
    // two names, whatever their number: blocks3.9 is one of blocks3.
    private static List<string> Strangers(Checkpoint checkpoint, HashSet<string> asked)
    {
        var modules = asked.Select(Module).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. checkpoint.Arrays.Select(array => array.Name).Where(name =>
                !asked.Contains(name) && !name.EndsWith(Counter, StringComparison.Ordinal)
                && name.Split('.', '/').Length > 2 && modules.Contains(Module(name))),
        ];

        static string Module(string name) => Digits().Replace(string.Join('.', name.Split('.', '/').Take(2)), "#");
    }

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();

    /// <summary>Notes which arrays were asked for and which were read, under the file's own names.</summary>
    private sealed class Used(Checkpoint checkpoint) : IWeightSource
    {
        public HashSet<string> Names { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Asked { get; } = new(StringComparer.Ordinal);

        public IReadOnlyList<int>? ShapeOf(string path, IReadOnlyList<int>? wanted)
        {
            if (wanted is not null)
            {
                Asked.Add(path);
            }

            return checkpoint.ShapeOf(path, wanted);
        }

        public float[] Read(string path, IReadOnlyList<int> shape)
        {
            Names.Add(path);
            return checkpoint.Read(path, shape);
        }
    }
}
