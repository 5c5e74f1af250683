using System.Text.Json;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Layers;
using ActionStream.Models.Networks;

namespace ActionStream.Models.Conv3DBert;

/// <summary>3D CNNs with late temporal BERT as configuration files describe them. Input [N, 3, T, H, W], normalised.</summary>
internal static class Conv3DBertConfigs
{
    // features.N that are inception blocks; the rest are single convolutions and pools.
    private static readonly int[] Mixed = [5, 6, 8, 9, 10, 11, 12, 14, 15];

    public static IReadOnlyDictionary<string, ConfiguredNetwork> All { get; } = new Dictionary<string, ConfiguredNetwork>
    {
        ["ltm_r2plus1d_bert10"] = Of(R2Plus1D, Bert),
        ["ltm_r2plus1d18_bert10"] = Of(R2Plus1D, Bert),
        ["ltm_r2plus1d34_bert10"] = Of(R2Plus1D, Bert),
        ["ltm_r2plus1d"] = Of(R2Plus1D, Mean),
        ["ltm_resnext3d_bert10"] = Of(ResNeXt(Reduction.None), Bert),
        ["ltm_resnext3d_bert10_frmb"] = Of(ResNeXt(Reduction.Frmb), Bert),
        ["ltm_resnext3d_bert10_frab"] = Of(ResNeXt(Reduction.Frab), Bert),
        ["ltm_resnext3d"] = Of(ResNeXt(Reduction.None), Mean),
        ["ltm_resnext3d_frmb"] = Of(ResNeXt(Reduction.Frmb), Mean),
        ["ltm_resnext3d_frab"] = Of(ResNeXt(Reduction.Frab), Mean),
        ["ltm_i3d_bert2"] = Of(Inception, UnitBert),
        ["ltm_i3d_bert2_frmb"] = Of(Inception, UnitBert),
        ["ltm_i3d_bert2_frab"] = Of(Inception, UnitBert),
        ["ltm_i3d"] = Of(Inception, Mean),
    };

    private static ConfiguredNetwork Of(Func<Weights, JsonElement, ITrunk> trunk, Func<JsonElement, LateTemporalHead> head) =>
        (weights, config, inputs) =>
        {
            var clip = inputs[0];
            if (clip.Shape.Rank != 5 || clip.Shape[2].Value is not { } frames)
            {
                throw new ShapeException($"a clip is [N, 3, T, H, W], T a number; the input is {clip}");
            }

            var network = new LateTemporalNetwork(
                weights.Dotted, trunk(weights.Dotted, config), head(config), ClipInput.SlowFast, (int)frames,
                Number(config, "num_classes"));
            return network.Classify(clip);
        };

    private static R2Plus1D R2Plus1D(Weights weights, JsonElement config)
    {
        var epsilon = Decimal(config, "batchnorm_eps", 1e-3f);
        var isCaffe2 = config.TryGetProperty("vmz_fix", out var fix) ? fix.GetBoolean() : epsilon >= 1e-3f;
        return new(
            part => weights / "features" / $"{part}",
            new(Number(config, "stem_mid", 45), Numbers(config, "widths"), Numbers(config, "layers"), epsilon, isCaffe2));
    }

    private static Func<Weights, JsonElement, ITrunk> ResNeXt(Reduction reduction) => (weights, config) => new ResNeXt3D(
        weights,
        new(
            Number(config, "stem", 64), Numbers(config, "planes"), Numbers(config, "layers"), Number(config, "cardinality", 32), reduction,
            Number(config, "hidden"), Decimal(config, "batchnorm_eps", BatchNorm.TorchEpsilon)));

    // Inception's many channels stand in no configuration: they are read from the checkpoint.
    private static I3D Inception(Weights weights, JsonElement config)
    {
        var features = weights / "features";
        int Channels(Weights place) =>
            (place / "conv3d").ShapeOf("weight")?[0] ?? throw new WeightException($"{place.Path}.conv3d.weight is missing");
        InceptionShape Block(Weights place) => InceptionShape.Of(
            Channels(place / "b0"), Channels(place / "b1a"), Channels(place / "b1b"), Channels(place / "b2a"), Channels(place / "b2b"),
            Channels(place / "b3b"));
        return new(weights, new(
            [Channels(features / "0"), Channels(features / "2"), Channels(features / "3")],
            [.. Mixed.Select(i => Block(features / $"{i}"))],
            weights.Has("mapper.b0.conv3d.weight") ? Block(weights / "mapper") : null,
            Decimal(config, "batchnorm_eps", 1e-3f)));
    }

    private static LateTemporalHead Bert(JsonElement config) => new(Number(config, "attn_heads", 8));

    private static LateTemporalHead UnitBert(JsonElement config) => new(Number(config, "attn_heads", 8), Normalise: true);

    private static LateTemporalHead Mean(JsonElement config) => new(Heads: 0);

    private static int Number(JsonElement config, string name, int? otherwise = null) =>
        config.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
            ? value.GetInt32()
            : otherwise ?? throw new ModelBuildException($"the configuration has no number {name}");

    private static int[] Numbers(JsonElement config, string name) =>
        config.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(number => number.GetInt32())]
            : throw new ModelBuildException($"the configuration has no list {name}");

    private static float Decimal(JsonElement config, string name, float otherwise) =>
        config.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetSingle() : otherwise;
}
