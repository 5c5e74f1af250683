using ActionStream.Core.Modelling;
using ActionStream.Models.Layers;
using ActionStream.Models.Networks;

namespace ActionStream.Models.TokenLearner;

/// <summary>Sizes of the <see cref="FactorisedTokenLearnerViViT"/>: the demo's, and ViT's Ti, S and B.</summary>
internal static class FactorisedTokenLearnerPresets
{
    private const int Tubelet = 2;
    private const int Patch = 16;

    public static IReadOnlyList<Preset> All { get; } =
    [
        Of(
            "mini", "Small enough for a camera or two on one CPU core; the demo's model", new(Frames: 16, 112, 112, Classes: 16),
            width: 128, heads: 2, spatial: 4, temporal: 2) with
        {
            Labels =
            [
                "idle", "walk", "run", "jump", "jumping_jack", "wave", "clap", "punch",
                "kick", "throw", "pick_up", "sit_down", "stand_up", "squat", "fall", "lie",
            ],
            Background = "idle",
        },
        Of("ti", "ViT-Tiny's width", new(Frames: 16, 224, 224, Classes: 400), width: 192, heads: 3, spatial: 6, temporal: 6),
        Of("s", "ViT-Small's width", new(Frames: 16, 224, 224, Classes: 400), width: 384, heads: 6, spatial: 6, temporal: 6),
        Of("b", "ViT-Base's width", new(Frames: 16, 224, 224, Classes: 400), width: 768, heads: 12, spatial: 6, temporal: 6),
    ];

    private static Preset Of(string size, string summary, Measures measures, int width, int heads, int spatial, int temporal) => new()
    {
        Name = $"factorised-tokenlearner-vivit-{size}",
        Architecture = "factorised_tokenlearner_vivit",
        Summary = summary,
        Measures = measures,
        Interval = TimeSpan.FromMilliseconds(125), // 16 frames look back two seconds: long enough for a fall, short enough to tell of it
        Activation = Activation.Softmax,
        IsStreamable = true,
        WhyNot = asked =>
            asked.Frames % Tubelet != 0 ? $"{asked.Frames} frames do not divide in tubelets of {Tubelet}"
            : asked.Height % Patch != 0 || asked.Width % Patch != 0
                ? $"{asked.Width}x{asked.Height} does not divide in patches of {Patch} pixels"
            : null,
        Make = (weights, asked) => new FactorisedTokenLearnerViViT(
            weights,
            new FactorisedShape(
                asked.Frames, new PatchGrid(Tubelet, Patch, asked.Height, asked.Width), width, heads, spatial, temporal,
                Tokens: 8, asked.Classes)),
    };
}
