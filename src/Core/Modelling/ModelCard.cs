using ActionStream.Core.Configuration;
using ActionStream.Core.Media;

namespace ActionStream.Core.Modelling;

/// <summary>Says how to feed a model and how to read it: the file `card.yaml` beside the ONNX files, and all that builder
/// and runtime know of each other.</summary>
public sealed record ModelCard
{
    public const string FileName = "card.yaml";

    /// <summary>Version of this layout; 1.</summary>
    public int Schema { get; init; } = 1;

    /// <summary>Short name, as it appears in messages and metrics.</summary>
    public string Name { get; init; } = "";

    /// <summary>Family of the architecture, for example factorised_tokenlearner_vivit.</summary>
    public string Architecture { get; init; } = "";

    /// <summary>False for random weights: labels of such a model mean nothing.</summary>
    public bool Trained { get; init; }

    /// <summary>Where the weights come from: a file, a paper, or "seeded random weights, seed 1".</summary>
    public string Source { get; init; } = "";

    /// <summary>Licence of the weights.</summary>
    public string Licence { get; init; } = "";

    /// <summary>The graph from a whole clip to logits.</summary>
    public ModelFile Model { get; init; } = new();

    public ModelInput Input { get; init; } = new();

    public ModelOutput Output { get; init; } = new();

    /// <summary>K labels in the order of the outputs.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>How the same model runs frame by frame; null where whole windows are the only way.</summary>
    public StreamingParts? Streaming { get; init; }

    public void Check(ConfigCheck check)
    {
        check.Expect(Schema == 1, Schema, "1, the only layout this version reads");
        check.Expect(Name.Length > 0, Name, "a short name");
        Model.Check(check.At(nameof(Model)));
        Input.Check(check.At(nameof(Input)));
        Output.Check(check.At(nameof(Output)));
        check.Expect(Labels.Count > 0, Labels.Count, "a label for each output", nameof(Labels));
        check.Expect(
            Labels.Distinct(StringComparer.Ordinal).Count() == Labels.Count, "not unique", "each label once", nameof(Labels));
        check.Expect(
            Output.Background is null || Labels.Contains(Output.Background),
            Output.Background, "one of the labels", $"{nameof(Output)}.{nameof(Output.Background)}");
        foreach (var label in Output.Enter.Keys)
        {
            check.Expect(Labels.Contains(label), label, "one of the labels", $"{nameof(Output)}.{nameof(Output.Enter)}");
        }

        Streaming?.Check(check.At(nameof(Streaming)), Input);
    }
}

/// <summary>One ONNX file of a model.</summary>
public sealed record ModelFile
{
    /// <summary>Path relative to the card.</summary>
    public string Path { get; init; } = "model.onnx";

    /// <summary>SHA-256 of the file, 64 hex digits; what runs is what was measured.</summary>
    public string? Sha256 { get; init; }

    public void Check(ConfigCheck check)
    {
        check.Expect(Path.Length > 0 && !System.IO.Path.IsPathRooted(Path) && !Path.Contains(".."), Path, "a path below the card's folder");
        check.Expect(Sha256 is null || (Sha256.Length == 64 && Sha256.All(char.IsAsciiHexDigit)), Sha256, "64 hex digits, or nothing");
    }
}

/// <summary>Order of a clip's axes. V are views; (VT) are views and frames in one axis.</summary>
public enum ClipLayout
{
    /// <summary>Batch, frames, height, width, channels: as the frames lie in memory, so the only one our own models use.</summary>
    Nthwc,
}

/// <summary>Order of the three bytes of a pixel.</summary>
public enum ColourOrder
{
    Rgb,
    Bgr,
}

/// <summary>What the model wants to see.</summary>
public sealed record ModelInput
{
    /// <summary>Name of the graph's input.</summary>
    public string Name { get; init; } = "frames";

    public ClipLayout Layout { get; init; } = ClipLayout.Nthwc;

    /// <summary>T, frames per clip.</summary>
    public int Frames { get; init; }

    public int Height { get; init; }

    public int Width { get; init; }

    /// <summary>Time between two sampled frames.</summary>
    public TimeSpan Interval { get; init; }

    public ColourOrder Colour { get; init; } = ColourOrder.Rgb;

    public Fit Fit { get; init; } = Fit.Crop;

    public FrameSize Size => new(Width, Height);

    public void Check(ConfigCheck check)
    {
        check.Expect(Name.Length > 0, Name, "the name of the graph's input");
        check.Expect(Frames is >= 1 and <= 256, Frames, "1 to 256 frames");
        check.Expect(Height is >= 16 and <= 1024, Height, "16 to 1024 pixels");
        check.Expect(Width is >= 16 and <= 1024, Width, "16 to 1024 pixels");
        check.Expect(
            Interval >= TimeSpan.FromMilliseconds(10) && Interval <= TimeSpan.FromSeconds(10), Interval, "10 ms to 10 s between frames");
    }
}

/// <summary>What turns logits into scores.</summary>
public enum Activation
{
    /// <summary>The graph already ends in scores.</summary>
    None,

    /// <summary>One label per clip.</summary>
    Softmax,

    /// <summary>Any number of labels per clip.</summary>
    Sigmoid,
}

/// <summary>How to read the model's answer.</summary>
public sealed record ModelOutput
{
    /// <summary>Name of the graph's output, [N, K].</summary>
    public string Name { get; init; } = "logits";

    public Activation Activation { get; init; } = Activation.Softmax;

    /// <summary>The label that stands for "nothing of interest"; never an event.</summary>
    public string? Background { get; init; }

    /// <summary>Smoothed score from which a label is detected, as measured with these weights. A camera's `events.classes` goes before;
    /// `events.enter` is for labels that are not here.</summary>
    public IReadOnlyDictionary<string, double> Enter { get; init; } = new Dictionary<string, double>();

    public void Check(ConfigCheck check)
    {
        check.Expect(Name.Length > 0, Name, "the name of the graph's output");
        foreach (var (label, enter) in Enter)
        {
            check.Expect(enter is > 0 and <= 1, enter, "above 0, up to 1", $"{nameof(Enter)}.{label}");
        }
    }
}

/// <summary>A model in two graphs, so that a tubelet's tokens are computed once and reused by every window that holds it.</summary>
public sealed record StreamingParts
{
    /// <summary>Pixels of one tubelet, [N, τ, H, W, 3] uint8, to its tokens, [N, S, D].</summary>
    public ModelFile FrameEncoder { get; init; } = new() { Path = "frame_encoder.onnx" };

    /// <summary>Tokens of a window, [N, T/τ, S, D], to logits, [N, K].</summary>
    public ModelFile TemporalHead { get; init; } = new() { Path = "temporal_head.onnx" };

    /// <summary>τ, frames per tubelet.</summary>
    public int Tubelet { get; init; } = 2;

    /// <summary>S, tokens per tubelet.</summary>
    public int Tokens { get; init; }

    /// <summary>D, numbers per token.</summary>
    public int Width { get; init; }

    /// <summary>Where the frame encoder's tokens look, as one more output of it; null where it does not say.</summary>
    public AttentionMaps? Attention { get; init; }

    /// <summary>Largest difference between a logit from cached tokens and the whole graph's that rounding explains, relative beyond logits
    /// of 1. 0: the two may differ, as where int8 scales depend on the batch.</summary>
    public double Tolerance { get; init; } = 1e-4;

    public void Check(ConfigCheck check, ModelInput input)
    {
        FrameEncoder.Check(check.At(nameof(FrameEncoder)));
        TemporalHead.Check(check.At(nameof(TemporalHead)));
        check.Expect(Tubelet >= 1 && input.Frames % Math.Max(Tubelet, 1) == 0, Tubelet, $"a divisor of the clip's {input.Frames} frames");
        check.Expect(Tokens >= 1, Tokens, "at least 1");
        check.Expect(Width >= 1, Width, "at least 1");
        check.Expect(Tolerance is >= 0 and <= 1, Tolerance, "0 to 1");
        Attention?.Check(check.At(nameof(Attention)));
    }
}

/// <summary>How to read where a model looks: for each token a map over the frame, [N, S, h, w], with the sum 1.</summary>
public sealed record AttentionMaps
{
    /// <summary>Name of the frame encoder's output. It is fetched only for those who want to see it.</summary>
    public string Name { get; init; } = "attention";

    /// <summary>h, rows of a map.</summary>
    public int Height { get; init; }

    /// <summary>w, columns of a map.</summary>
    public int Width { get; init; }

    public void Check(ConfigCheck check)
    {
        check.Expect(Name.Length > 0, Name, "the name of an output");
        check.Expect(Height is >= 1 and <= 255, Height, "1 to 255");
        check.Expect(Width is >= 1 and <= 255, Width, "1 to 255");
    }
}
