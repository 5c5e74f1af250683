using ActionStream.Core.Modelling;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Layers;
using ActionStream.Models.Networks;

namespace ActionStream.Models.Conv3DBert;

/// <summary>Late temporal BERT on 3D CNNs (Kalfaoglu et al. 2020) in its published sizes, and the same CNNs without it.</summary>
internal static class Conv3DBertPresets
{
    private const int Heads = 8;
    private const int Hmdb51 = 51;

    private static readonly ClipInput Ig65M = new([0.43216f, 0.394666f, 0.37645f], [0.22803f, 0.22145f, 0.216989f]);

    // Trained on 0..255 without a deviation: a step of one grey level is a step of 1.
    private static readonly ClipInput Kinetics255 =
        new([114.7748f / 255, 107.7354f / 255, 99.4750f / 255], [1 / 255f, 1 / 255f, 1 / 255f]);

    private static readonly ClipInput PlusMinusOne = new([0.5f, 0.5f, 0.5f], [0.5f, 0.5f, 0.5f]);

    private static readonly LateTemporalHead Bert = new(Heads);
    private static readonly LateTemporalHead Mean = new(Heads: 0);
    private static readonly LateTemporalHead UnitBert = new(Heads, Normalise: true);

    public static IReadOnlyList<Preset> All { get; } =
    [
        R2Plus1D("r2plus1d-34-32-bert", "R(2+1)D-34, BERT over 4 feature vectors", 32, Bert) with
        {
            PublishedAccuracy = "HMDB51 83.99 (3 splits, unverified)",
        },
        R2Plus1D("r2plus1d-34-64-bert", "R(2+1)D-34, BERT over 8 feature vectors: the paper's best", 64, Bert) with
        {
            PublishedAccuracy = "HMDB51 85.10, UCF101 98.69 (3 splits)",
        },
        R2Plus1D("r2plus1d-34-32", "R(2+1)D-34, averaged over time", 32, Mean),
        R2Plus1D("r2plus1d-34-64", "R(2+1)D-34, averaged over time", 64, Mean),
        Ig65MTrunk("r2plus1d-34-32-kinetics400", 32),
        Ig65MTrunk("r2plus1d-34-8-kinetics400", 8),
        ResNeXt("resnext3d-101", "3D ResNeXt-101, averaged over time", Reduction.None, Mean) with
        {
            PublishedAccuracy = "HMDB51 75.99 (3 splits, unverified)",
        },
        ResNeXt("resnext3d-101-frmb", "3D ResNeXt-101 with a narrower last block, averaged over time", Reduction.Frmb, Mean) with
        {
            PublishedAccuracy = "HMDB51 74.97 (3 splits, unverified)",
        },
        ResNeXt("resnext3d-101-frab", "3D ResNeXt-101 with a narrowing block added, averaged over time", Reduction.Frab, Mean),
        ResNeXt(
            "resnext3d-101-frmb-bert", "3D ResNeXt-101 with a narrower last block, BERT over 4 feature vectors", Reduction.Frmb, Bert) with
        {
            PublishedAccuracy = "HMDB51 77.49 (3 splits, unverified)",
        },
        ResNeXt(
            "resnext3d-101-frab-bert", "3D ResNeXt-101 with a narrowing block added, BERT over 4 feature vectors", Reduction.Frab, Bert),
        Inception("i3d", "I3D, averaged over time", Reduction.None, Mean),
        Inception("i3d-frmb", "I3D with a narrower last block, averaged over time", Reduction.Frmb, Mean),
        Inception("i3d-frab", "I3D with a narrowing block added, averaged over time", Reduction.Frab, Mean),
        Inception("i3d-bert", "I3D, BERT over 8 feature vectors", Reduction.None, UnitBert),
        Inception("i3d-frmb-bert", "I3D with a narrower last block, BERT over 8 feature vectors", Reduction.Frmb, UnitBert),
        Inception("i3d-frab-bert", "I3D with a narrowing block added, BERT over 8 feature vectors", Reduction.Frab, UnitBert),
    ];

    private static Preset R2Plus1D(string name, string summary, int frames, LateTemporalHead head) => Of(
        name, "r2plus1d_bert", summary, new(frames, 112, 112, Hmdb51), Ig65M, head,
        weights => new R2Plus1D(part => weights / "features" / $"{part}", R2Plus1DShape.Layers34));

    // The files of the IG-65M project name their parts otherwise, and end in fc.
    private static Preset Ig65MTrunk(string name, int frames) => Of(
        name, "r2plus1d", "R(2+1)D-34 as published: pre-trained on IG-65M, tuned on Kinetics-400", new(frames, 112, 112, 400), Ig65M,
        Mean with { Classifier = "fc" },
        weights => new R2Plus1D(part => weights / (part == 0 ? "stem" : $"layer{part}"), R2Plus1DShape.Layers34)) with
    {
        PublishedWeights = "github.com/moabitcoin/ig65m-pytorch, release v1.0.0",
    };

    private static Preset ResNeXt(string name, string summary, Reduction reduction, LateTemporalHead head) => Of(
        name, "resnext_bert", summary, new(64, 112, 112, Hmdb51), Kinetics255, head,
        weights => new ResNeXt3D(weights, ResNeXt3DShape.Layers101(reduction)));

    private static Preset Inception(string name, string summary, Reduction reduction, LateTemporalHead head) => Of(
        name, "i3d_bert", summary, new(64, 224, 224, Hmdb51), PlusMinusOne, head, weights => new I3D(weights, I3DShape.Of(reduction)));

    private static Preset Of(
        string name, string architecture, string summary, Measures measures, ClipInput pixels, LateTemporalHead head,
        Func<Weights, ITrunk> trunk) => new()
        {
            Name = name,
            Architecture = architecture,
            Summary = summary,
            Measures = measures,
            // every frame of a camera with 25 per second: these models were trained without skipping
            Interval = TimeSpan.FromMilliseconds(40),
            Activation = Activation.Softmax,
            WhyNot = asked =>
                asked.Height < 32 || asked.Width < 32 ? $"{asked.Width}x{asked.Height} is too small: five halvings would leave nothing"
                : asked.Frames < 2 ? "a clip needs two frames or more"
                : null,
            Make = (weights, asked) => new LateTemporalNetwork(
                weights.Dotted, trunk(weights.Dotted), head, pixels, asked.Frames, asked.Classes),
        };
}
