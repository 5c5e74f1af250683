using System.Text.RegularExpressions;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Networks;

namespace ActionStream.Models;

/// <summary>What an import made of a checkpoint.</summary>
/// <param name="Container">What the file was: safetensors, PyTorch zip …</param>
/// <param name="Part">Which part of it was taken, where it holds more than weights; empty if the whole.</param>
/// <param name="Prefix">What every name began with and was taken off; empty if nothing.</param>
/// <param name="Averaged">Parts with averaged weights (EMA), often the better ones, that were not taken.</param>
/// <param name="Unused">Arrays of the file that the model does not need.</param>
public sealed record ImportedModel(
    BuiltModel Built, string Container, string Part, string Prefix, IReadOnlyList<string> Averaged, IReadOnlyList<string> Unused);

/// <summary>Turns a published checkpoint into a model folder.</summary>
public static partial class ModelImport
{
    // Counts how many batches were seen in training; no network reads it.
    private const string Counter = "num_batches_tracked";

    private const int Named = 5;

    private const int MostPrefixes = 16;

    /// <summary>Finds out what the file is, checks that it has every array the preset needs and none inside its modules
    /// that the preset lacks, and builds.</summary>
    /// <param name="part">Which part of the file; what is usually the network's if null.</param>
    /// <param name="allowUnused">Build even if the file has arrays inside modules of the model that the model does not know.</param>
    /// <exception cref="CheckpointException">The file cannot be read.</exception>
    /// <exception cref="ModelBuildException">It is not a checkpoint of that preset, or the preset cannot be built as asked.</exception>
    public static ImportedModel Import(
        string file, string preset, BuildOptions options, string folder, bool allowUnused = false, string? part = null,
        IProgress<BuildProgress>? progress = null)
    {
        progress?.Report(new("reading the checkpoint", 0));
        var architecture = Presets.Named(preset);
        var checkpoint = Checkpoint.Open(file, part);
        var (taken, averaged) = Fitting(architecture, checkpoint, options);
        if (taken.Missing.Count > 0)
        {
            throw new ModelBuildException(Misfit(file, taken.View, preset, taken.Needed, taken.Missing));
        }

        (checkpoint, options) = (taken.View, taken.Options);
        var used = taken.Used;
        var strangers = Strangers(checkpoint, used.Asked);
        if (strangers.Count > 0 && !allowUnused)
        {
            throw new ModelBuildException(
                $"{file} has {strangers.Count} arrays that {preset} has no place for, such as {string.Join(", ", strangers.Take(Named))}: "
                + "it is probably a checkpoint of a larger or another network, and its answers would be wrong without them; "
                + "--allow-unused builds nevertheless");
        }

        var provenance = new Provenance(true, $"{Path.GetFileName(file)}, a checkpoint for {preset}", architecture.Licence ?? "unknown");
        var built = ModelBuilder.Build(architecture, new Weights(architecture.Rename(used)), options, folder, provenance, progress);
        var unused = checkpoint.Arrays.Select(array => array.Name).Where(name =>
            !used.Names.Contains(name) && !name.EndsWith(Counter, StringComparison.Ordinal));
        return new(built, checkpoint.Container, checkpoint.Part, checkpoint.Prefix, averaged, [.. unused]);
    }

    // As the names stand, or else behind the one beginning that makes all of them fit.
    private static (Attempt Taken, IReadOnlyList<string> Averaged) Fitting(Preset preset, Checkpoint file, BuildOptions options)
    {
        var plain = Attempt.At(preset, file, options);
        var prefixes = CheckpointPart.Prefixes(file, least: Math.Max(1, plain.Needed / 2));
        if (plain.Missing.Count == 0)
        {
            return (plain, [.. file.Averaged, .. prefixes.Where(AveragedWeights.IsNamed).Select(Bare)]);
        }

        var attempts = prefixes.Take(MostPrefixes)
            .Select(prefix => (Prefix: prefix, Attempt: Attempt.At(preset, new CheckpointPart(file, prefix), options))).ToList();
        var fitting = attempts.Where(attempt => attempt.Attempt.Missing.Count == 0).ToList();
        if (fitting.Count == 0)
        {
            // The nearest, so that the message is about what is wrong and not about a prefix.
            return (attempts.Select(attempt => attempt.Attempt).Prepend(plain).MinBy(attempt => attempt.Missing.Count)!, []);
        }

        var taken = fitting.Find(attempt => !AveragedWeights.IsNamed(attempt.Prefix)) is { Attempt: not null } last ? last : fitting[0];
        return (taken.Attempt,
            [
                .. file.Averaged,
                .. fitting.Where(attempt => attempt.Prefix != taken.Prefix && AveragedWeights.IsNamed(attempt.Prefix))
                    .Select(attempt => Bare(attempt.Prefix)),
            ]);

        static string Bare(string prefix) => prefix.TrimEnd('.', '/');
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

    /// <summary>How a preset and a checkpoint under certain names go together.</summary>
    private sealed record Attempt(Checkpoint View, Used Used, BuildOptions Options, int Needed, List<MissingWeight> Missing)
    {
        public static Attempt At(Preset preset, Checkpoint view, BuildOptions options)
        {
            var used = new Used(view);
            var source = preset.Rename(used);
            if (options.Classes == 0 && options.Labels.Count == 0 && preset.ClassesIn(new Weights(source)) is { } classes)
            {
                options = options with { Classes = classes };
            }

            var labels = options.Labels.Count > 0 ? options.Labels.Count : options.Classes;
            var missing = new List<MissingWeight>();
            var weights = new Weights(source, missing);
            _ = preset.Make(weights, preset.Measures with { Classes = labels > 0 ? labels : preset.Measures.Classes });
            return new(view, used, options, weights.Taken.Count, missing);
        }
    }

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
