using System.Globalization;

namespace ActionStream.Models.UniFormer;

/// <summary>Configurations of the UniFormer papers, JSON by name: what <see cref="UniFormerConfigs"/> reads.</summary>
internal static class UniFormerConfigurations
{
    public static IEnumerable<KeyValuePair<string, string>> All { get; } =
    [
        .. from size in ((string Name, string Depth)[])[("s", "[3, 4, 8, 3]"), ("b", "[5, 8, 20, 7]")]
           from frames in (int[])[8, 16, 32]
           select Full(size.Name, size.Depth, frames),
        .. from one in ((int Frames, int Side, bool HasGains)[])
               [(4, 128, true), (4, 160, true), (8, 128, true), (8, 160, false), (16, 128, false), (16, 160, false), (32, 160, false)]
           select Light("xxs", "[2, 5, 8, 2]", "[56, 112, 224, 448]", 28, one.Frames, one.Side, one.HasGains),
        Light("xs", "[3, 5, 9, 3]", "[64, 128, 256, 512]", 32, 32, 192, hasGains: false),
    ];

    private static KeyValuePair<string, string> Full(string size, string depth, int frames) => KeyValuePair.Create(
        string.Create(CultureInfo.InvariantCulture, $"uniformer_{size}_k400_{frames}x224x224"),
        string.Create(CultureInfo.InvariantCulture, $$"""
        { "arch": "uniformer", "depth": {{depth}}, "embed_dim": [64, 128, 320, 512], "head_dim": 64, "mlp_ratio": 4,
          "num_classes": 400, "input": [1, 3, {{frames}}, 224, 224] }
        """));

    // The first global block sees all tokens, every other one half of them.
    private static KeyValuePair<string, string> Light(
        string size, string depth, string width, int head, int frames, int side, bool hasGains)
    {
        var shares = size == "xxs"
            ? "[[], [], [1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5], [0.5, 0.5]]"
            : "[[], [], [1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5], [0.5, 0.5, 0.5]]";
        return KeyValuePair.Create(
            string.Create(CultureInfo.InvariantCulture, $"{size}{frames}_{side}"),
            string.Create(CultureInfo.InvariantCulture, $$"""
            { "arch": "uniformer_light", "depth": {{depth}}, "embed_dim": {{width}}, "head_dim": {{head}}, "mlp_ratio": 3,
              "prune_ratio": {{shares}}, "trade_off": {{shares}}, "layer_scale": {{(hasGains ? "true" : "false")}},
              "num_classes": 400, "input": [1, 3, {{frames}}, {{side}}, {{side}}] }
            """));
    }
}
