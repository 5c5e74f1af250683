using ActionStream.Models.Checkpoints;
using ActionStream.Models.Networks;

namespace ActionStream.Models;

/// <summary>How a checkpoint and a network go together, array by array.</summary>
/// <param name="Missing">Arrays the network needs and the file lacks, with their shapes.</param>
/// <param name="Misshapen">Arrays whose shapes differ, with both.</param>
/// <param name="Unused">Arrays of the file that the network has no use for.</param>
/// <param name="Matched">How many fit.</param>
public sealed record CheckpointFit(
    IReadOnlyList<string> Missing, IReadOnlyList<string> Misshapen, IReadOnlyList<string> Unused, int Matched)
{
    private const int MostPrefixes = 16;

    /// <summary>True if the network can be built from the file; unused arrays do not hinder.</summary>
    public bool IsComplete => Missing.Count == 0 && Misshapen.Count == 0;

    /// <summary>Share of the arrays on either side that fit.</summary>
    public double Share => (double)Matched / Math.Max(1, Matched + Missing.Count + Misshapen.Count + Unused.Count);

    public static CheckpointFit Of(Preset preset, Checkpoint file, Measures measures)
    {
        var (weights, wishes) = Wishes(preset, measures, file);
        var wanted = weights.Taken.Select(weight => weight.Name).Distinct().ToHashSet(StringComparer.Ordinal);
        var missing = wishes.Missing.Where(wish => !weights.Optional.Contains(wish.Key))
            .Select(wish => $"{wish.Key} [{string.Join(", ", wish.Value)}]").ToList();
        return new(
            missing,
            [.. wishes.Misshapen.Values],
            [.. file.Arrays.Select(array => array.Name).Where(name => !wanted.Contains(name) && !IsCounter(name))],
            wanted.Count - wishes.Missing.Count - wishes.Misshapen.Count);
    }

    /// <summary>The number of classes that the file's last layer has; null if it has no layer where the preset has its last.</summary>
    /// <remarks>Found by asking which axes grow with the number of classes, so that no architecture needs
    /// to say how its head is called.</remarks>
    public static int? ClassesOf(Preset preset, Checkpoint file)
    {
        var (few, _) = Wishes(preset, preset.Measures with { Classes = 1009 }, file: null);
        var (many, _) = Wishes(preset, preset.Measures with { Classes = 1013 }, file: null);
        foreach (var (one, other) in few.Taken.Zip(many.Taken))
        {
            for (var axis = 0; axis < one.Shape.Count; axis++)
            {
                if (one.Shape[axis] != other.Shape[axis] && file.ShapeOf(one.Name, null) is { } stored && stored.Count == one.Shape.Count)
                {
                    return stored[axis];
                }
            }
        }

        return null;
    }

    /// <summary>The file under the names that fit the preset: its own, or behind the one beginning that makes all of them fit.</summary>
    public static Checkpoint Named(Preset preset, Checkpoint file)
    {
        if (WithClassesOf(file) is not { IsComplete: false } plain)
        {
            return file;
        }

        var needed = plain.Matched + plain.Missing.Count + plain.Misshapen.Count;
        return CheckpointPart.Prefixes(file, needed / 2).Take(MostPrefixes).OrderBy(AveragedWeights.IsNamed)
            .Select(prefix => new CheckpointPart(file, prefix)).FirstOrDefault(part => WithClassesOf(part).IsComplete) ?? file;

        CheckpointFit WithClassesOf(Checkpoint named) =>
            Of(preset, named, preset.Measures with { Classes = ClassesOf(preset, named) ?? preset.Measures.Classes });
    }

    /// <summary>Every preset with how well it fits, best first, each with the classes of the file.</summary>
    public static IReadOnlyList<(Preset Preset, CheckpointFit Fit)> Rank(Checkpoint file) =>
    [
        .. Presets.All
            .Select(preset => (Preset: preset, File: Named(preset, file)))
            .Select(pair => (pair.Preset, Fit: Of(
                pair.Preset, pair.File,
                pair.Preset.Measures with { Classes = ClassesOf(pair.Preset, pair.File) ?? pair.Preset.Measures.Classes })))
            .OrderByDescending(pair => pair.Fit.IsComplete).ThenByDescending(pair => pair.Fit.Share)
            .ThenBy(pair => pair.Preset.Name, StringComparer.Ordinal),
    ];

    /// <summary>What hinders, in a few lines.</summary>
    public string Problem(int most = 8) => string.Join("; ", [
        .. Some("missing", Missing, most), .. Some("of another shape", Misshapen, most), .. Some("without use here", Unused, most)]);

    private static (Weights Weights, WishList Wishes) Wishes(Preset preset, Measures measures, Checkpoint? file)
    {
        var wishes = new WishList(file);
        var weights = new Weights(wishes);
        preset.Make(weights, measures);
        return (weights, wishes);
    }

    private static IEnumerable<string> Some(string what, IReadOnlyList<string> names, int most) =>
        names.Count == 0 ? [] : [$"{names.Count} {what}: {string.Join(", ", names.Take(most))}{(names.Count > most ? ", …" : "")}"];

    // PyTorch's batch norms count their training steps; nothing is computed with it.
    private static bool IsCounter(string name) => name.EndsWith("num_batches_tracked", StringComparison.Ordinal);

    // Grants every wish, and notes which the file does not.
    private sealed class WishList(Checkpoint? file) : IWeightSource
    {
        public Dictionary<string, IReadOnlyList<int>> Missing { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, string> Misshapen { get; } = new(StringComparer.Ordinal);

        public IReadOnlyList<int>? ShapeOf(string path, IReadOnlyList<int>? wanted)
        {
            var stored = file?.ShapeOf(path, null);
            if (wanted is null)
            {
                return stored;
            }

            if (stored is null)
            {
                Missing[path] = wanted;
            }
            else if (!stored.SequenceEqual(wanted))
            {
                Misshapen[path] = $"{path} is [{string.Join(", ", stored)}] and should be [{string.Join(", ", wanted)}]";
            }

            return wanted;
        }

        public float[] Read(string path, IReadOnlyList<int> shape) =>
            throw new InvalidOperationException($"{path}: only shapes are compared here");
    }
}
