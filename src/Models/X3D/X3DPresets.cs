using System.Globalization;
using ActionStream.Core.Modelling;
using ActionStream.Models.Networks;

namespace ActionStream.Models.X3D;

/// <summary>X3D in its published sizes, and the experiment X(2+1)D.</summary>
internal static class X3DPresets
{
    private const string Zoo = "https://github.com/facebookresearch/pytorchvideo (model zoo, Apache-2.0)";

    public static IReadOnlyList<Preset> All { get; } =
    [
        Of("xs", [3, 5, 11, 7], new(4, 160, 160, 400), step: 12),
        Of("s", [3, 5, 11, 7], new(13, 160, 160, 400), step: 6),
        Of("m", [3, 5, 11, 7], new(16, 224, 224, 400), step: 5),
        Of("l", [5, 10, 25, 15], new(16, 312, 312, 400), step: 5),
        Experiment("x2plus1d-m", "X(2+1)D-M, convolutions over time everywhere", tokens: null),
        Experiment(
            "x2plus1d-m-tokenlearner", "X(2+1)D-M with TokenLearner, vector transformer and TokenFuser in its last stage", tokens: 8),
    ];

    private static Preset Of(string size, int[] depths, Measures measures, int step) => new()
    {
        Name = $"x3d-{size}",
        Architecture = "x3d",
        Summary = string.Create(
            CultureInfo.InvariantCulture, $"X3D-{size.ToUpperInvariant()}, {measures.Frames} frames, every {step}th of a 30 fps video"),
        Measures = measures,
        Interval = TimeSpan.FromSeconds(step / 30.0),
        PublishedWeights = Zoo,
        WhyNot = WhyNot,
        Make = (weights, asked) => new X3D(weights, new(depths, asked.Classes)),
    };

    private static Preset Experiment(string name, string summary, int? tokens) => new()
    {
        Name = name,
        Architecture = "x2plus1d",
        Summary = $"{summary} (experiment: a reconstruction, nothing is published)",
        Measures = new(64, 256, 256, 157),
        Interval = TimeSpan.FromSeconds(2 / 24.0), // Charades, half of its frames
        Activation = Activation.Sigmoid,
        WhyNot = WhyNot,
        Make = (weights, asked) => new X2Plus1D(weights, new(asked.Frames, tokens, asked.Classes)),
    };

    // Five times a half, and something must be left.
    private static string? WhyNot(Measures asked) =>
        asked.Height < 32 || asked.Width < 32
            ? string.Create(CultureInfo.InvariantCulture, $"{asked.Width}x{asked.Height} is below 32 pixels")
            : null;
}
