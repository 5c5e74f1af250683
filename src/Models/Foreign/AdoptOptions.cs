using ActionStream.Core.Configuration;
using ActionStream.Core.Media;
using ActionStream.Core.Modelling;

namespace ActionStream.Models.Foreign;

/// <summary>What a person has to say about somebody else's model, since its file does not. Also
/// overrules what the file seems to say.</summary>
public sealed record AdoptOptions
{
    /// <summary>Short name, as it appears in messages and metrics; the file's name if empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>Where the weights come from.</summary>
    public string Source { get; init; } = "";

    /// <summary>Licence of the weights.</summary>
    public string Licence { get; init; } = "";

    /// <summary>Order of the input's axes.</summary>
    public ForeignLayout? Layout { get; init; }

    /// <summary>Frames of a clip.</summary>
    public int? Frames { get; init; }

    /// <summary>Frames of the slow pathway, of a model with two.</summary>
    public int? SlowFrames { get; init; }

    /// <summary>Pixels.</summary>
    public int? Height { get; init; }

    /// <summary>Pixels.</summary>
    public int? Width { get; init; }

    /// <summary>Time between two sampled frames.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>What bytes are multiplied with first: (v · scale − mean) / std.</summary>
    public double? Scale { get; init; }

    /// <summary>Three numbers in the order of <see cref="Colour"/>, or one for all.</summary>
    public IReadOnlyList<double>? Mean { get; init; }

    /// <summary>Three numbers in the order of <see cref="Colour"/>, or one for all.</summary>
    public IReadOnlyList<double>? Std { get; init; }

    /// <summary>Order of the colours the model was trained with.</summary>
    public ColourOrder? Colour { get; init; }

    /// <summary>How the camera's frame becomes the model's.</summary>
    public Fit Fit { get; init; } = Fit.Crop;

    /// <summary>Name of the output that is the answer, where there are several.</summary>
    public string Output { get; init; } = "";

    /// <summary>What turns the answer into scores.</summary>
    public Activation? Activation { get; init; }

    /// <summary>Labels in the order of the outputs.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>A file with one label per line, beside this one.</summary>
    public string LabelsFile { get; init; } = "";

    /// <summary>The label that stands for "nothing of interest".</summary>
    public string? Background { get; init; }

    public void Check(ConfigCheck check)
    {
        check.Expect(Frames is null or (>= 1 and <= 256), Frames, "1 to 256 frames");
        check.Expect(SlowFrames is null || (SlowFrames >= 1 && SlowFrames <= (Frames ?? 256)), SlowFrames, "1 to the clip's frames");
        check.Expect(Height is null or (>= 16 and <= 1024), Height, "16 to 1024 pixels");
        check.Expect(Width is null or (>= 16 and <= 1024), Width, "16 to 1024 pixels");
        check.Expect(Scale is null or (> 0 and <= 1000), Scale, "a number above 0: 0.00392156862745098 is 1/255");
        check.Expect(Mean is null or { Count: 1 or 3 }, Mean?.Count, "three numbers, or one for all colours", nameof(Mean));
        check.Expect(Std is null or { Count: 1 or 3 }, Std?.Count, "three numbers, or one for all colours", nameof(Std));
        check.Expect(Std is null || Std.All(one => one > 0), "not all above 0", "numbers above 0", nameof(Std));
        check.Expect(
            Interval is null || (Interval >= TimeSpan.FromMilliseconds(10) && Interval <= TimeSpan.FromSeconds(10)), Interval,
            "10 ms to 10 s between frames");
        check.Expect(Labels.Count == 0 || LabelsFile.Length == 0, LabelsFile, "either labels or labels_file, not both");
        check.Expect(Labels.Distinct(StringComparer.Ordinal).Count() == Labels.Count, "not unique", "each label once", nameof(Labels));
        check.Expect(Background is null || Labels.Count == 0 || Labels.Contains(Background), Background, "one of the labels");
    }
}
