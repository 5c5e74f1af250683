using System.Globalization;

namespace ActionStream.Models.Checkpoints;

/// <summary>How a kernel for frames becomes one for tubelets.</summary>
public enum Inflation
{
    /// <summary>The frame's kernel stands at the middle frame, the others are zero (Arnab et al. 2021).</summary>
    CentralFrame,

    /// <summary>Every frame carries an equal share of it.</summary>
    AverageFrame,
}

/// <summary>One array of an initialised network.</summary>
/// <param name="Origin">The array it was made of and how, or `seeded`.</param>
public sealed record InitialArray(string Name, string Origin);

/// <summary>
/// Weights for one of scenic's networks, or our factorised one, from a checkpoint of another: ViT, ViViT or its factorised
/// encoder. Kernels inflate, tables of places lose or repeat what the other has not; what nothing can be made of is seeded.
/// </summary>
/// <remarks>
/// The rules are the published ones (2D to 3D kernels, tiled tables, blocks by number) and, for the factorised TokenLearner
/// ViViT, ours: its temporal blocks come from a temporal encoder if there is one, else from the last blocks of the whole.
/// </remarks>
public sealed class InitialWeights(Checkpoint from, IWeightSource seeded, Inflation inflation) : IWeightSource
{
    public const string Seeded = "seeded";

    private const string Places = "posembed_input/pos_embedding";

    private readonly List<InitialArray> _origins = [];
    private readonly HashSet<string> _temporal = new(StringComparer.Ordinal);

    /// <summary>Every array asked for, in order, and where it came from.</summary>
    public IReadOnlyList<InitialArray> Origins => _origins;

    public IReadOnlyList<int>? ShapeOf(string path, IReadOnlyList<int>? wanted)
    {
        if (path.StartsWith("TemporalTransformer/encoderblock_", StringComparison.Ordinal))
        {
            _temporal.Add(path.Split('/')[1]);
        }

        return wanted;
    }

    public float[] Read(string path, IReadOnlyList<int> shape)
    {
        foreach (var (source, how, make) in Candidates(path, shape))
        {
            if (from.ShapeOf(source, null) is { } stored && make(stored) is { } read)
            {
                Note(path, source == path && how.Length == 0 ? path : how.Length == 0 ? source : $"{source}, {how}");
                return read();
            }
        }

        Note(path, Seeded);
        return seeded.Read(path, shape);
    }

    // Graphs are written one by one, and halves read what the whole has read: one note each.
    private void Note(string path, string origin)
    {
        if (_origins.All(array => array.Name != path))
        {
            _origins.Add(new(path, origin));
        }
    }

    private IEnumerable<(string Source, string How, Func<IReadOnlyList<int>, Func<float[]>?> Make)> Candidates(
        string path, IReadOnlyList<int> shape)
    {
        foreach (var source in Names(path))
        {
            yield return (source, "", stored => stored.SequenceEqual(shape) ? () => from.Read(source, shape) : null);
        }

        if (path == "embedding/kernel" && shape.Count == 5)
        {
            yield return (path, inflation == Inflation.CentralFrame ? "at the central frame" : "shared by the frames", stored =>
                stored.SequenceEqual(shape.Skip(1)) ? () => Inflate(from.Read(path, stored), shape[0]) : null);
        }

        if (path.EndsWith(Places, StringComparison.Ordinal))
        {
            foreach (var source in Names(path))
            {
                yield return (source, "fitted", stored => Fitted(source, stored, shape));
            }
        }

        switch (path)
        {
            case "TemporalTransformer/cls_pos_embedding":
                yield return ($"TemporalTransformer/{Places}", "its first row",
                    stored => Rows(stored, shape, $"TemporalTransformer/{Places}", 0, 1));
                yield return ($"Transformer/{Places}", "its first row",
                    stored => from.ShapeOf("cls", null) is null ? null : Rows(stored, shape, $"Transformer/{Places}", 0, 1));
                break;
            case "TemporalTransformer/frame_pos_embedding":
                yield return ($"TemporalTransformer/{Places}", "without its first row", stored =>
                    stored[1] == shape[1] + 1 ? Rows(stored, shape, $"TemporalTransformer/{Places}", 1, shape[1]) : null);
                yield return ($"Transformer/{Places}", "means of its time steps, less their mean",
                    stored => TimesOf($"Transformer/{Places}", stored, shape));
                break;
        }
    }

    // A spatial encoder learns from a spatial one or from the whole; a temporal one from a temporal one or from the end of the whole.
    private IEnumerable<string> Names(string path)
    {
        yield return path;
        if (path.StartsWith("SpatialTransformer/", StringComparison.Ordinal))
        {
            yield return path.Replace("SpatialTransformer/", "Transformer/", StringComparison.Ordinal);
        }
        else if (path.StartsWith("Transformer/", StringComparison.Ordinal))
        {
            yield return path.Replace("Transformer/", "SpatialTransformer/", StringComparison.Ordinal);
        }
        else if (path is "cls_SpatialTransformer" or "cls_TemporalTransformer")
        {
            yield return "cls";
        }
        else if (path.StartsWith("TemporalTransformer/encoder_norm/", StringComparison.Ordinal))
        {
            yield return path.Replace("TemporalTransformer/", "Transformer/", StringComparison.Ordinal);
        }
        else if (path.StartsWith("TemporalTransformer/encoderblock_", StringComparison.Ordinal) && !Has("TemporalTransformer"))
        {
            var parts = path.Split('/');
            var block = int.Parse(parts[1].AsSpan("encoderblock_".Length), CultureInfo.InvariantCulture);
            var last = Blocks("Transformer") - _temporal.Count + block;
            yield return string.Create(CultureInfo.InvariantCulture, $"Transformer/encoderblock_{last}/{string.Join('/', parts[2..])}");
        }
    }

    private bool Has(string encoder) => Blocks(encoder) > 0;

    private int Blocks(string encoder)
    {
        var count = 0;
        while (from.ShapeOf(string.Create(CultureInfo.InvariantCulture, $"{encoder}/encoderblock_{count}/LayerNorm_0/scale"), null)
            is not null)
        {
            count++;
        }

        return count;
    }

    private float[] Inflate(float[] image, int frames)
    {
        var kernel = new float[image.Length * frames];
        for (var frame = 0; frame < frames; frame++)
        {
            var share = inflation == Inflation.AverageFrame ? 1f / frames : frame == frames / 2 ? 1 : 0;
            for (var i = 0; i < image.Length; i++)
            {
                kernel[(frame * image.Length) + i] = image[i] * share;
            }
        }

        return kernel;
    }

    // [1, rows, D] of the same D: a class token's row comes or goes, and a frame's table repeats for each time step.
    private Func<float[]>? Fitted(string source, IReadOnlyList<int> stored, IReadOnlyList<int> shape)
    {
        if (stored.Count != 3 || stored[2] != shape[2])
        {
            return null;
        }

        var hasClass = source.StartsWith("SpatialTransformer", StringComparison.Ordinal)
            ? from.ShapeOf("cls_SpatialTransformer", null) is not null
            : from.ShapeOf("cls", null) is not null;
        var places = stored[1] - (hasClass ? 1 : 0);
        return places <= 0 ? null
            : places > shape[1] && places % shape[1] == 0 ? () =>
                MeanOfSteps(from.Read(source, stored).AsSpan(hasClass ? stored[2] : 0), shape[1] * stored[2])
                : shape[1] % places == 0 ? () => Table(classRow: false)
                : (shape[1] - 1) % places == 0 && shape[1] > 1 && hasClass ? () => Table(classRow: true)
                : null;

        float[] Table(bool classRow)
        {
            var rows = from.Read(source, stored);
            var width = stored[2];
            var image = rows.AsSpan(hasClass ? width : 0);
            var table = new float[shape[1] * width];
            var start = classRow ? width : 0;
            rows.AsSpan(0, start).CopyTo(table);
            for (var at = start; at < table.Length; at += image.Length)
            {
                image.CopyTo(table.AsSpan(at));
            }

            return table;
        }
    }

    // The part of a joint table that the same place has at every time.
    private static float[] MeanOfSteps(ReadOnlySpan<float> table, int step)
    {
        var mean = new float[step];
        for (var i = 0; i < table.Length; i++)
        {
            mean[i % step] += table[i] / (table.Length / step);
        }

        return mean;
    }

    // The part that all places of the same time have, beyond what places have at every time.
    private Func<float[]>? TimesOf(string source, IReadOnlyList<int> stored, IReadOnlyList<int> shape)
    {
        var skip = from.ShapeOf("cls", null) is null ? 0 : 1;
        int width = shape[2], steps = shape[1];
        if (stored.Count != 3 || stored[2] != width || (stored[1] - skip) % steps != 0 || stored[1] - skip == steps)
        {
            return null;
        }

        return () =>
        {
            var table = from.Read(source, stored).AsSpan(skip * width);
            var all = MeanOfSteps(table, width);
            var times = new float[steps * width];
            for (var step = 0; step < steps; step++)
            {
                var mean = MeanOfSteps(table.Slice(step * (table.Length / steps), table.Length / steps), width);
                for (var i = 0; i < width; i++)
                {
                    times[(step * width) + i] = mean[i] - all[i];
                }
            }

            return times;
        };
    }

    private Func<float[]>? Rows(IReadOnlyList<int> stored, IReadOnlyList<int> shape, string source, int first, int count) =>
        stored.Count == 3 && stored[2] == shape[2] && stored[1] >= first + count
            ? () => from.Read(source, stored)[(first * stored[2])..((first + count) * stored[2])]
            : null;
}
