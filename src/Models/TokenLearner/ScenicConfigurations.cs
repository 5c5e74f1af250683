using System.Globalization;

namespace ActionStream.Models.TokenLearner;

/// <summary>Configurations of the TokenLearner and ViViT papers, and of our factorised model in its published sizes.</summary>
internal static class ScenicConfigurations
{
    private static readonly (string Name, int Width, int Heads, int Layers)[] Sizes =
        [("Ti", 192, 3, 12), ("S", 384, 6, 12), ("B", 768, 12, 12), ("L", 1024, 16, 24)];

    public static IEnumerable<KeyValuePair<string, string>> All { get; } =
    [
        KeyValuePair.Create("vivit_b16x2_32f_k400_cls", Joint(768, 12, 12)),
        KeyValuePair.Create("vivit_l16x2_32f_k400_cls", Joint(1024, 16, 24)),
        KeyValuePair.Create("vivit_b16x2_fe_Lt4_32f_k400", FactorisedEncoder(768, 12, 12, 4)),
        KeyValuePair.Create("vivit_l16x2_fe_Lt4_32f_k400", FactorisedEncoder(1024, 16, 24, 4)),
        KeyValuePair.Create("vivit_l16x2_fe_Lt24_32f_k400", FactorisedEncoder(1024, 16, 24, 24)),
        .. Sizes.SelectMany(size => ((int Tokens, int At)[])[(8, 6), (8, 9)], Video),
        Video(Sizes[3], (16, 12)),
        Video(Sizes[3], (16, 18)),
        KeyValuePair.Create("tokenlearner_vit_b16_224_v11_16at9_gap_in1k", $$"""
            { "arch": "tokenlearner_vit", "tokenizer_type": "dynamic", "patch_size": [16, 16], "hidden_size": 768, "num_heads": 12,
              "num_layers": 12,
              "num_tokens": 16, "tokenlearner_loc": 9, "classifier": "gap", "num_classes": 1000, "input_shapes": [[1, 224, 224, 3]] }
            """),
        .. from size in Sizes.Take(3)
           from frames in (int[])[16, 32]
           from layers in ((int Spatial, int Temporal)[])[(6, 6), (9, 3), (12, 4)]
           select Ours(size.Width, size.Heads, frames, layers.Spatial, layers.Temporal),
    ];

    private static string Joint(int width, int heads, int layers) => string.Create(CultureInfo.InvariantCulture, $$"""
        { "arch": "vivit", "patch_size": [16, 16, 2], "hidden_size": {{width}}, "num_heads": {{heads}}, "num_layers": {{layers}},
          "classifier": "token", "num_classes": 400, "input_shapes": [[1, 32, 224, 224, 3]] }
        """);

    private static string FactorisedEncoder(int width, int heads, int spatial, int temporal) =>
        string.Create(CultureInfo.InvariantCulture, $$"""
        { "arch": "vivit_factorised_encoder", "patch_size": [16, 16, 2], "hidden_size": {{width}},
          "spatial": { "num_heads": {{heads}}, "num_layers": {{spatial}} }, "temporal": { "num_heads": {{heads}},
          "num_layers": {{temporal}} },
          "classifier": "token", "num_classes": 400, "input_shapes": [[1, 32, 224, 224, 3]] }
        """);

    private static KeyValuePair<string, string> Video(
        (string Name, int Width, int Heads, int Layers) size, (int Tokens, int At) learning) =>
        KeyValuePair.Create(
            $"tokenlearner_vivit_{size.Name}16x2_32f_v11_{learning.Tokens}at{learning.At}_gap",
            string.Create(CultureInfo.InvariantCulture, $$"""
        { "arch": "tokenlearner_vit", "tokenizer_type": "video", "patch_size": [16, 16, 2], "hidden_size": {{size.Width}},
          "num_heads": {{size.Heads}},
          "num_layers": {{size.Layers}}, "num_tokens": {{learning.Tokens}}, "tokenlearner_loc": {{learning.At}}, "classifier": "gap",
          "num_classes": 400,
          "input_shapes": [[1, 32, 224, 224, 3]] }
        """));

    private static KeyValuePair<string, string> Ours(int width, int heads, int frames, int spatial, int temporal) => KeyValuePair.Create(
        $"factorised_tl_vivit_D{width}_T{frames}_Ls{spatial}_Lt{temporal}_S8_cls",
        string.Create(CultureInfo.InvariantCulture, $$"""
        { "arch": "factorised_tokenlearner_vivit", "patch_size": [16, 16, 2], "hidden_size": {{width}}, "num_heads": {{heads}},
          "spatial": { "num_layers": {{spatial}} }, "temporal": { "num_layers": {{temporal}} }, "num_tokens": 8, "num_classes": 400,
          "input_shapes": [[1, {{frames}}, 224, 224, 3]] }
        """));
}
