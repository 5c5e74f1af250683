using System.Text.Json;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;

namespace ActionStream.Models.UniFormer;

/// <summary>UniFormer networks, plain and light, as configuration files describe them.</summary>
internal static class UniFormerConfigs
{
    public static IReadOnlyDictionary<string, ConfiguredNetwork> All { get; } = new Dictionary<string, ConfiguredNetwork>(StringComparer.Ordinal)
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
        double[][] keep = Table(config, "prune_ratio"), trust = Table(config, "trade_off");
        var shrinking = Enumerable.Range(2, 2)
            .Select(stage => (IReadOnlyList<Shrinking>)[.. keep[stage].Zip(trust[stage], (share, alpha) => new Shrinking(share, alpha))])
            .ToArray();
        return new UniFormerLight(weights, new(Stages(config), shrinking, weights.Dotted.Has("blocks1.0.gamma_1"))).Classify(inputs[0]);
    }

    private static UniFormerShape Stages(JsonElement config) =>
        new(Numbers(config, "depth"), Numbers(config, "embed_dim"), config.GetProperty("head_dim").GetInt32(), config.GetProperty("num_classes").GetInt32())
        {
            MlpRatios = Numbers(config, "mlp_ratio"),
            IsSplit = Flag(config, "split"),
            MergesTime = Flag(config, "std"),
        };

    // One number stands for four equal ones.
    private static int[] Numbers(JsonElement config, string name) => config.GetProperty(name) is { ValueKind: JsonValueKind.Array } list
        ? [.. list.EnumerateArray().Select(number => number.GetInt32())]
        : [.. Enumerable.Repeat(config.GetProperty(name).GetInt32(), 4)];

    private static double[][] Table(JsonElement config, string name) =>
        [.. config.GetProperty(name).EnumerateArray().Select(row => row.EnumerateArray().Select(number => number.GetDouble()).ToArray())];

    private static bool Flag(JsonElement config, string name) => config.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;
}
