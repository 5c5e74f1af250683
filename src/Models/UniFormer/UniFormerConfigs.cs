using System.Text.Json;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Networks;

namespace ActionStream.Models.UniFormer;

/// <summary>UniFormer networks, plain and light, as configuration files describe them.</summary>
internal static class UniFormerConfigs
{
    // Far beyond any published one; more is a damaged file, not a network.
    private const int MaxDepth = 256;
    private const int MaxWidth = 1 << 16;

    public static IReadOnlyDictionary<string, ConfiguredNetwork> All { get; } = new Dictionary<string, ConfiguredNetwork>(
        StringComparer.Ordinal)
    {
        ["uniformer"] = (weights, config, inputs) => new UniFormer(weights, Stages(config)).Classify(inputs[0]),
        ["uniformer_light"] = Light,

        // The authors' classes: one network; the last has layer scale.
        ["Uniformer_light"] = Light,
        ["Uniformer_light_fp32"] = Light,
        ["Uniformer_light_ls_fp32"] = Light,
    };

    private static Tensor Light(Weights weights, JsonElement config, IReadOnlyList<Tensor> inputs)
    {
        var stages = Stages(config);
        double[][] keep = Table(config, "prune_ratio"), trust = Table(config, "trade_off");
        if (keep.Length != 4 || trust.Length != 4
            || Enumerable.Range(2, 2).Any(stage =>
                keep[stage].Length != stages.Depths[stage] || trust[stage].Length != stages.Depths[stage]))
        {
            throw new ModelBuildException("the configuration's prune_ratio and trade_off need one number per block of stages 3 and 4");
        }

        var shrinking = Enumerable.Range(2, 2)
            .Select(stage => (IReadOnlyList<Shrinking>)[.. keep[stage].Zip(trust[stage], (share, alpha) => new Shrinking(share, alpha))])
            .ToArray();

        // A checkpoint tells by its names; weights that are made to order cannot.
        var hasGains = weights.Dotted.Has("cls_token") ? weights.Dotted.Has("blocks1.0.gamma_1") : Flag(config, "layer_scale");
        return new UniFormerLight(weights, new(stages, shrinking, hasGains)).Classify(inputs[0]);
    }

    private static UniFormerShape Stages(JsonElement config)
    {
        var shape = new UniFormerShape(
            Numbers(config, "depth", MaxDepth), Numbers(config, "embed_dim", MaxWidth),
            config.GetProperty("head_dim").GetInt32(), config.GetProperty("num_classes").GetInt32())
        {
            MlpRatios = Numbers(config, "mlp_ratio", MaxWidth),
            IsSplit = Flag(config, "split"),
            MergesTime = Flag(config, "std"),
        };
        return shape.HeadWidth >= 1 && shape.Classes >= 1 && shape.Widths[2] % shape.HeadWidth == 0
            && shape.Widths[3] % shape.HeadWidth == 0
            ? shape
            : throw new ModelBuildException(
                $"the configuration has heads of {shape.HeadWidth} channels and {shape.Classes} classes; "
                + $"widths {shape.Widths[2]} and {shape.Widths[3]} must divide in heads");
    }

    // One number stands for four equal ones.
    private static int[] Numbers(JsonElement config, string name, int most)
    {
        int[] numbers = config.GetProperty(name) is { ValueKind: JsonValueKind.Array } list
            ? [.. list.EnumerateArray().Select(number => number.GetInt32())]
            : [.. Enumerable.Repeat(config.GetProperty(name).GetInt32(), 4)];
        return numbers.Length == 4 && numbers.All(number => number >= 1 && number <= most)
            ? numbers
            : throw new ModelBuildException(
                $"the configuration's {name} is [{string.Join(", ", numbers)}]; expected four numbers from 1 to {most}");
    }

    private static double[][] Table(JsonElement config, string name) =>
        [.. config.GetProperty(name).EnumerateArray().Select(row => row.EnumerateArray().Select(number => number.GetDouble()).ToArray())];

    private static bool Flag(JsonElement config, string name) =>
        config.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;
}
