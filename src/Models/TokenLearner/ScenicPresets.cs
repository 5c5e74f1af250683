using System.Globalization;
using ActionStream.Models.Layers;
using ActionStream.Models.Networks;

namespace ActionStream.Models.TokenLearner;

/// <summary>TokenLearner ViT/ViViT and ViViT in the sizes of their papers (Ryoo et al. 2021, Arnab et al. 2021).</summary>
internal static class ScenicPresets
{
    private const int Tubelet = 2;
    private const int Patch = 16;
    private const string Zoo = "https://github.com/google-research/scenic (projects/vivit, Apache-2.0)";

    private static readonly Measures Kinetics = new(Frames: 32, 224, 224, Classes: 400);
    private static readonly Measures ImageNet = new(Frames: 1, 224, 224, Classes: 1000);

    private static readonly EncoderShape Ti = new(12, 192, 3, 768);
    private static readonly EncoderShape S = new(12, 384, 6, 1536);
    private static readonly EncoderShape B = new(12, 768, 12, 3072);
    private static readonly EncoderShape L = new(24, 1024, 16, 4096);

    public static IReadOnlyList<Preset> All { get; } =
    [
        ViViT("vivit-b-16x2", "ViViT-B, every tubelet attends to every other", B, "79.9 % K400, 4x3 views", Zoo),
        ViViT("vivit-l-16x2", "ViViT-L, every tubelet attends to every other", L, null, null),
        Factorised("vivit-b-16x2-fe", "ViViT-B, factorised encoder", B, temporalLayers: 4, "78.4 % K400, 4x3 views"),
        Factorised(
            "vivit-l-16x2-fe", "ViViT-L, factorised encoder as released: 24 temporal layers", L, temporalLayers: 24,
            "80.3 % K400, 81.6 % K600, 4x3 views"),
        Factorised("vivit-l-16x2-fe-4", "ViViT-L, factorised encoder of the paper: 4 temporal layers", L, temporalLayers: 4, null),
        Video("ti", Ti, new(8, 6)),
        Video("s", S, new(8, 6)),
        Video("b", B, new(8, 6)),
        Video("b", B, new(8, 9)),
        Video("b", B, new(8, 6, HasFuser: true)),
        Video("l", L, new(16, 12), "about 83.5 % K400, 4x3 views (recalled, unverified)"),
        Video("l", L, new(16, 18), "84.5 % K400 with 8 or 16 tokens (recalled, unverified)"),
        Image("b", B, new(16, 9)),
        Image("b", B, new(8, 6, TokenLearnerVersion.V10, HasFuser: true)),
    ];

    private static Preset ViViT(string name, string summary, EncoderShape encoder, string? accuracy, string? weights) =>
        Of(name, "vivit", summary, Kinetics) with
        {
            PublishedAccuracy = accuracy,
            PublishedWeights = weights,
            Make = (from, asked) =>
                new ViViT(from, new(asked.Frames, Grid(asked), encoder, HasClass: true, Representation: null, asked.Classes)),
        };

    private static Preset Factorised(string name, string summary, EncoderShape encoder, int temporalLayers, string? accuracy) =>
        Of(name, "vivit_factorised_encoder", summary, Kinetics) with
        {
            IsStreamable = true,
            PublishedAccuracy = accuracy,
            PublishedWeights = accuracy is null ? null : Zoo,
            Make = (from, asked) => new FactorisedViViT(
                from, new(
                    asked.Frames, Grid(asked), encoder, encoder with { Layers = temporalLayers }, HasClass: true,
                    Representation: null, asked.Classes)),
        };

    private static Preset Video(string size, EncoderShape encoder, TokenLearning learning, string? accuracy = null) =>
        Of(
            $"tokenlearner-vivit-{size}-16x2-{Word(learning)}", "tokenlearner_vit",
            $"ViViT-{size.ToUpperInvariant()} for clips, {Words(learning)}", Kinetics) with
        {
            PublishedAccuracy = accuracy,
            Make = (from, asked) => new TokenLearnerViT(
                from, new(asked.Frames, Grid(asked), encoder, learning, TokenSummary.Mean, Representation: null, asked.Classes)),
        };

    private static Preset Image(string size, EncoderShape encoder, TokenLearning learning) =>
        Of(
            $"tokenlearner-vit-{size}-16-{Word(learning)}", "tokenlearner_vit",
            $"ViT-{size.ToUpperInvariant()} for single images, {Words(learning)}", ImageNet) with
        {
            WhyNot = asked => asked.Frames != 1 ? "it looks at one image; its clips have one frame" : WhyNot(asked, tubelet: 1, learning),
            Make = (from, asked) => new TokenLearnerViT(
                from, new(
                    1, new PatchGrid(1, Patch, asked.Height, asked.Width) { IsFrame = true }, encoder, learning, TokenSummary.Mean,
                    Representation: null, asked.Classes)),
        };

    private static Preset Of(string name, string architecture, string summary, Measures measures) => new()
    {
        Name = name,
        Architecture = architecture,
        Summary = summary,
        Measures = measures,
        Interval = TimeSpan.FromMilliseconds(80), // every second frame of Kinetics' 25 fps
        WhyNot = asked => WhyNot(asked, Tubelet, learning: null),
    };

    private static string? WhyNot(Measures asked, int tubelet, TokenLearning? learning) =>
        asked.Frames % tubelet != 0
            ? string.Create(CultureInfo.InvariantCulture, $"{asked.Frames} frames do not divide in tubelets of {tubelet}")
        : asked.Height % Patch != 0 || asked.Width % Patch != 0
            ? string.Create(CultureInfo.InvariantCulture, $"{asked.Width}x{asked.Height} does not divide in patches of {Patch} pixels")
        : learning is { Version: TokenLearnerVersion.V10 } && asked.Height != asked.Width ? "TokenLearner 1.0 needs square frames"
        : null;

    private static PatchGrid Grid(Measures asked) => new(Tubelet, Patch, asked.Height, asked.Width);

    private static string Word(TokenLearning learning) => string.Create(
        CultureInfo.InvariantCulture,
        $"{learning.Tokens}at{learning.At}{(learning.HasFuser ? "-fuser" : "")}"
        + $"{(learning.Version == TokenLearnerVersion.V10 ? "-v10" : "")}");

    private static string Words(TokenLearning learning) => string.Create(
        CultureInfo.InvariantCulture,
        $"{learning.Tokens} tokens a frame from layer {learning.At} on{(learning.HasFuser ? ", fused back after each" : "")}");
}
