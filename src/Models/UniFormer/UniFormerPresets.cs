using System.Globalization;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Networks;

namespace ActionStream.Models.UniFormer;

/// <summary>UniFormer (Li et al. 2022) in its published sizes. Names are size, frames, and then frame step or
/// pixels, as the authors name them.</summary>
internal static class UniFormerPresets
{
    private const string Weights = "https://github.com/Sense-X/UniFormer (video_classification)";
    private const int KineticsClasses = 400;

    public static IReadOnlyList<Preset> All { get; } =
    [
        Full("s", frames: 8, step: 8, "78.4 % K400, 4 views of 1 crop"),
        Full("s", frames: 16, step: 4, "80.8 % K400, 4 views of 1 crop; 82.8 % K600"),
        Full("s", frames: 16, step: 8, "80.8 % K400, 4 views of 1 crop; 82.7 % K600"),
        Full("s", frames: 32, step: 4, "82.0 % K400, 4 views of 1 crop", isPublished: false),
        Full("b", frames: 8, step: 8, "79.8 % K400, 4 views of 1 crop"),
        Full("b", frames: 16, step: 4, "82.0 % K400, 4 views of 1 crop; 84.0 % K600"),
        Full("b", frames: 16, step: 8, "81.7 % K400, 4 views of 1 crop; 83.4 % K600"),
        Full("b", frames: 32, step: 4, "82.9 % K400, 4 views of 1 crop; 84.5 % K600"),
        Light("xxs", frames: 4, side: 128, "63.2", hasGains: true),
        Light("xxs", frames: 4, side: 160, "65.8", hasGains: true),
        Light("xxs", frames: 8, side: 128, "68.3", hasGains: true),
        Light("xxs", frames: 8, side: 160, "71.4"),
        Light("xxs", frames: 16, side: 128, "73.3"),
        Light("xxs", frames: 16, side: 160, "75.1"),
        Light("xxs", frames: 32, side: 160, "77.9"),
        Light("xs", frames: 32, side: 192, "78.6"),
    ];

    /// <summary>The published light networks: XXS and XS.</summary>
    public static LightShape LightShape(string size, int classes, bool hasGains)
    {
        UniFormerShape stages = size == "xxs"
            ? new([2, 5, 8, 2], [56, 112, 224, 448], 28, classes) { MlpRatios = [3, 3, 3, 3] }
            : new([3, 5, 9, 3], [64, 128, 256, 512], 32, classes) { MlpRatios = [3, 3, 3, 3] };

        // The first global block sees all tokens, every other one half of them.
        Shrinking all = new(1, 1), half = new(0.5, 0.5);
        return new(
            stages,
            [[all, .. Enumerable.Repeat(half, stages.Depths[2] - 1)], [.. Enumerable.Repeat(half, stages.Depths[3])]],
            hasGains);
    }

    private static Preset Full(string size, int frames, int step, string accuracy, bool isPublished = true) => new()
    {
        Name = string.Create(CultureInfo.InvariantCulture, $"uniformer-{size}-{frames}x{step}"),
        Architecture = "uniformer",
        Summary = string.Create(
            CultureInfo.InvariantCulture, $"UniFormer-{size.ToUpperInvariant()}, {frames} frames, every {step}th of a 30 fps video"),
        Measures = new(frames, 224, 224, KineticsClasses),
        Interval = TimeSpan.FromSeconds(step / 30.0),
        PublishedAccuracy = accuracy,
        PublishedWeights = isPublished ? Weights : null,
        Licence = isPublished ? "Apache-2.0" : null,
        ClassesIn = ClassesIn,
        Rename = MmactionNames.Rename,
        WhyNot = asked => WhyNot(asked, stem: 4),
        Make = (weights, asked) =>
            new UniFormer(weights, size == "s" ? UniFormerShape.Small(asked.Classes) : UniFormerShape.Base(asked.Classes)),
    };

    // Trained on clips that span a whole ten-second video.
    private static Preset Light(string size, int frames, int side, string accuracy, bool hasGains = false) => new()
    {
        Name = string.Create(CultureInfo.InvariantCulture, $"uniformer-{size}-{frames}x{side}"),
        Architecture = "uniformer_light",
        Summary = string.Create(
            CultureInfo.InvariantCulture,
            $"UniFormer-{size.ToUpperInvariant()}, {frames} frames of {side} pixels spread over ten seconds; sheds tokens as it goes"),
        Measures = new(frames, side, side, KineticsClasses),
        Interval = TimeSpan.FromSeconds(10.0 / frames),
        PublishedAccuracy = $"{accuracy} % K400, 1 view of 1 crop",
        PublishedWeights = Weights,
        Licence = "Apache-2.0",
        ClassesIn = ClassesIn,
        WhyNot = asked => WhyNot(asked, stem: 4),
        Make = (weights, asked) => new UniFormerLight(weights, LightShape(size, asked.Classes, HasGains(weights, hasGains))),
    };

    // A checkpoint tells by its names; weights that are made to order follow the published file of that preset.
    private static bool HasGains(Weights weights, bool published) =>
        weights.Dotted.Has("cls_token") ? weights.Dotted.Has("blocks1.0.gamma_1") : published;

    private static int? ClassesIn(Weights weights) => (weights.Dotted / "head").ShapeOf("bias") is [var classes] ? classes : null;

    private static string? WhyNot(Measures asked, int stem) =>
        asked.Frames < 1 ? "a clip needs a frame"
        : Math.Min(asked.Height, asked.Width) < stem * 8
            ? $"{asked.Width}x{asked.Height} is too small: nothing is left after halving {stem * 8} pixels away"
        : null;
}
