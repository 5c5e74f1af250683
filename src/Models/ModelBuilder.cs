using System.Globalization;
using ActionStream.Core.Media;
using ActionStream.Core.Modelling;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Networks;

namespace ActionStream.Models;

/// <summary>What a build may choose.</summary>
public sealed record BuildOptions
{
    /// <summary>Name in the card; the preset's if empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>Labels in the order of the outputs; empty takes the preset's, or numbered ones.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Number of classes where no labels are given; 0 takes the preset's.</summary>
    public int Classes { get; init; }

    /// <summary>Frames of a clip; 0 takes the preset's.</summary>
    public int Frames { get; init; }

    /// <summary>Pixels of the square input; 0 takes the preset's.</summary>
    public int Size { get; init; }

    /// <summary>Time between two sampled frames; null takes the preset's.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>The label that means "nothing of interest"; null takes the preset's, if it is among the labels.</summary>
    public string? Background { get; init; }

    /// <summary>What the weights' own file says about feeding and reading them; what is asked for here goes before.</summary>
    internal CardNotes Notes { get; init; } = CardNotes.None;

    /// <summary>Seed of random weights.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Bytes, as cameras give them, or float32 in the network's own range.</summary>
    public ElementType Input { get; init; } = ElementType.U8;

    /// <summary>Where the files will mostly run. They run on either, and quicker here.</summary>
    public GraphForm Form { get; init; }

    /// <summary>In which numbers weights are kept and products computed. float16 is written for a GPU unless
    /// <see cref="Form"/> is portable.</summary>
    public Precision Precision { get; init; }

    /// <summary>Also write the two halves that the token cache runs, where the architecture has them.</summary>
    public bool Split { get; init; }
}

/// <summary>What a build wrote.</summary>
/// <param name="Card">To be written beside the files as card.yaml.</param>
/// <param name="Files">Paths, sizes, digests.</param>
public sealed record BuiltModel(ModelCard Card, IReadOnlyList<OnnxFileSummary> Files, ModelCost Cost)
{
    public long Parameters => Cost.Parameters;

    /// <summary>Arrays of the checkpoint that had no use.</summary>
    public IReadOnlyList<string> Unused { get; init; } = [];

    /// <summary>What every name of the checkpoint began with and was taken off; empty if nothing.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Where each array came from, if the checkpoint was of another architecture.</summary>
    public IReadOnlyList<InitialArray> Initialised { get; init; } = [];

    /// <summary>Multiply-accumulates for one clip through the whole model.</summary>
    public long Macs => Cost.Macs;
}

/// <summary>One step of a long build.</summary>
/// <param name="Done">Share that is done, 0 to 1.</param>
public sealed record BuildProgress(string Step, double Done);

/// <summary>Turns a preset and weights into a folder of ONNX files and the card that describes them.</summary>
public static class ModelBuilder
{
    /// <summary>Builds with seeded random weights: a model that runs, and knows nothing.</summary>
    public static BuiltModel Build(string preset, BuildOptions options, string folder, IProgress<BuildProgress>? progress = null) =>
        Build(
            Presets.Named(preset), new Weights(new SeededWeights((ulong)options.Seed)), options, folder,
            new Provenance(false, string.Create(CultureInfo.InvariantCulture, $"seeded random weights, seed {options.Seed}"), "MIT"),
            progress);

    /// <summary>Builds with the weights of a checkpoint. Classes are those of the checkpoint unless
    /// labels or their number are given.</summary>
    /// <exception cref="ModelBuildException">The checkpoint does not hold what the preset needs: every missing
    /// or misshapen array is named.</exception>
    public static BuiltModel Build(
        string preset, Checkpoint file, string source, BuildOptions options, string folder, IProgress<BuildProgress>? progress = null)
    {
        var to = Presets.Named(preset);
        var notes = CardNotes.Of(file);
        file = CheckpointFit.Named(to, file);
        options = WithClassesOf(to, file, options with { Notes = notes });
        var measures = MeasuresOf(to, options, LabelsOf(to, options).Count);
        var fit = CheckpointFit.Of(to, file, measures);
        if (!fit.IsComplete)
        {
            throw new ModelBuildException($"{source} does not fit {preset}: {fit.Problem()}");
        }

        return Build(
            to, new Weights(file), options, folder,
            new Provenance(true, notes.Source ?? source, notes.Licence ?? "as its publisher says"), progress) with
        {
            Unused = fit.Unused,
            Prefix = file.Prefix,
        };
    }

    /// <summary>Builds a network that begins where a checkpoint of another architecture ended: what can be carried over is, the
    /// rest is seeded. To be trained on.</summary>
    public static BuiltModel Initialise(
        string preset, Checkpoint file, string source, BuildOptions options, Inflation inflation, string folder,
        IProgress<BuildProgress>? progress = null)
    {
        var to = Presets.Named(preset);
        options = WithClassesOf(to, file, options);
        var initial = new InitialWeights(file, new SeededWeights((ulong)options.Seed), inflation);
        var built = Build(
            to, new Weights(initial), options, folder,
            new Provenance(false, $"initialised from {source}, not trained since", "as its publisher says"), progress);
        return initial.Origins.Any(array => array.Origin != InitialWeights.Seeded)
            ? built with { Initialised = initial.Origins }
            : throw new ModelBuildException($"nothing in {source} can be carried over to {preset}");
    }

    internal static BuiltModel Build(
        Preset preset, Weights weights, BuildOptions options, string folder, Provenance provenance, IProgress<BuildProgress>? progress)
    {
        var labels = LabelsOf(preset, options);
        var measures = MeasuresOf(preset, options, labels.Count);
        var network = preset.Make(weights, measures);
        var streaming = options.Split ? network as IStreamingNetwork : null;
        if (options.Split && streaming is null)
        {
            throw new ModelBuildException($"{preset.Name} cannot be split: its layers see the whole window from the start");
        }

        var form = options is { Precision: Precision.Fp16, Form: GraphForm.Cpu } ? GraphForm.Gpu : options.Form;
        var graphs =
            new List<(string File, Func<Graph> Graph)> { ("model.onnx", () => ModelGraphs.Whole(network, measures, options.Input, form)) };
        if (streaming is not null)
        {
            graphs.Add(("frame_encoder.onnx", () => ModelGraphs.FrameEncoder(streaming, measures, options.Input, form)));
            graphs.Add(("temporal_head.onnx", () => ModelGraphs.TemporalHead(streaming, measures, form)));
        }

        Directory.CreateDirectory(folder);
        var files = new List<OnnxFileSummary>();
        foreach (var (file, graph) in graphs)
        {
            progress?.Report(new($"writing {file}", (double)files.Count / graphs.Count));
            files.Add(OnnxFile.Save(graph().ToModel().In(options.Precision), Path.Combine(folder, file)));
        }

        progress?.Report(new("done", 1));
        var card = CardOf(preset, options, measures, labels, files, streaming, provenance);
        return new(card, files, FlopCounter.Count(preset, measures));
    }

    private static BuildOptions WithClassesOf(Preset preset, Checkpoint file, BuildOptions options) =>
        options.Classes == 0 && options.Labels.Count == 0 && CheckpointFit.ClassesOf(preset, file) is { } classes
            ? options with { Classes = classes }
            : options;

    private static IReadOnlyList<string> LabelsOf(Preset preset, BuildOptions options)
    {
        if (options.Labels.Count > 0)
        {
            return options.Classes == 0 || options.Classes == options.Labels.Count
                ? options.Labels
                : throw new ModelBuildException($"{options.Labels.Count} labels for {options.Classes} classes; leave one of them out");
        }

        var classes = options.Classes > 0 ? options.Classes : preset.Measures.Classes;
        if (options.Notes.Labels.Count == classes)
        {
            return options.Notes.Labels;
        }

        return preset.Labels.Count == classes
            ? preset.Labels
            : [.. Enumerable.Range(0, classes).Select(i => string.Create(CultureInfo.InvariantCulture, $"class_{i:000}"))];
    }

    private static Measures MeasuresOf(Preset preset, BuildOptions options, int classes)
    {
        var measures = new Measures(
            options.Frames > 0 ? options.Frames : preset.Measures.Frames,
            options.Size > 0 ? options.Size : preset.Measures.Height,
            options.Size > 0 ? options.Size : preset.Measures.Width,
            classes);
        return preset.WhyNot(measures) is { } why ? throw new ModelBuildException($"{preset.Name}: {why}") : measures;
    }

    private static ModelCard CardOf(
        Preset preset,
        BuildOptions options,
        Measures measures,
        IReadOnlyList<string> labels,
        List<OnnxFileSummary> files,
        IStreamingNetwork? streaming,
        Provenance provenance)
    {
        var background = options.Background ?? options.Notes.Background ?? preset.Background;
        return new ModelCard
        {
            Name = options.Name.Length > 0 ? options.Name : preset.Name,
            Architecture = preset.Architecture,
            Trained = provenance.IsTrained,
            Source = provenance.Source,
            Licence = provenance.Licence,
            Model = FileOf(files[0]),
            Input = new ModelInput
            {
                Name = ModelGraphs.Frames,
                Frames = measures.Frames,
                Height = measures.Height,
                Width = measures.Width,
                Interval = options.Interval ?? preset.Interval,
                Fit = options.Notes.Fit ?? Fit.Crop,
            },
            Output = new ModelOutput
            {
                Name = ModelGraphs.Logits,
                Activation = preset.Activation,
                Background = background is not null && labels.Contains(background) ? background : null,
                Enter = options.Notes.Enter.Where(entry => labels.Contains(entry.Key)).ToDictionary(StringComparer.Ordinal),
            },
            Labels = labels,
            Streaming = streaming is null
                ? null
                : new StreamingParts
                {
                    FrameEncoder = FileOf(files[1]),
                    TemporalHead = FileOf(files[2]),
                    Tubelet = streaming.Tubelet,
                    Tokens = streaming.Tokens,
                    Width = streaming.TokenWidth,
                    Attention = streaming is IAttendingNetwork attending
                        ? new AttentionMaps { Name = ModelGraphs.Attention, Height = attending.MapHeight, Width = attending.MapWidth }
                        : null,
                    Tolerance = options.Precision switch { Precision.Fp32 => 1e-4, Precision.Fp16 => 5e-2, _ => 0 },
                },
        };
    }

    private static ModelFile FileOf(OnnxFileSummary file) => new() { Path = Path.GetFileName(file.Path), Sha256 = file.Sha256 };
}

/// <summary>Where weights come from, for the card.</summary>
internal sealed record Provenance(bool IsTrained, string Source, string Licence);
