using ActionStream.EndToEnd.Support;
using ActionStream.Models;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Layers;
using ActionStream.Models.TokenLearner;

namespace ActionStream.EndToEnd.Contracts.Models;

/// <summary>What our networks ask of a checkpoint, name by name, against Reference/models/statedicts.</summary>
public sealed class ScenicStateDictTests
{
    [Theory]
    [InlineData("scenic_vivit_b16x2_k400", "vivit-b-16x2")]
    [InlineData("scenic_vivit_b16x2_fe_k400", "vivit-b-16x2-fe")]
    [InlineData("scenic_vivit_l16x2_fe_k400_Lt24", "vivit-l-16x2-fe")]
    [InlineData("scenic_tokenlearner_b16x2_video_v11_8at6", "tokenlearner-vivit-b-16x2-8at6")]
    [InlineData("scenic_tokenlearner_b16_image_v11_16at9", "tokenlearner-vit-b-16-16at9")]
    [InlineData("scenic_tokenlearner_b16_image_v10_fuser_8at6", "tokenlearner-vit-b-16-8at6-fuser-v10")]
    public void A_preset_asks_for_exactly_the_arrays_of_its_publication(string list, string preset)
    {
        var weights = new Weights(new NoNumbers());
        Presets.Named(preset).Make(weights, Presets.Named(preset).Measures);

        Assert.Equal(Listed(list), Asked(weights));
    }

    [Fact]
    public void Our_model_asks_for_exactly_the_arrays_of_its_specification()
    {
        var weights = new Weights(new NoNumbers());
        _ = new FactorisedTokenLearnerViViT(
            weights, new FactorisedShape(
                32, new PatchGrid(2, 16, 224, 224), Width: 384, Heads: 6, SpatialLayers: 6, TemporalLayers: 6, Tokens: 8, Classes: 400));

        Assert.Equal(Listed("ours_factorised_tokenlearner_vivit_S384_8at6_6_T32"), Asked(weights));
        Assert.Equal(22_147_416, weights.Taken.Sum(weight => weight.Elements));
    }

    private static IEnumerable<string> Listed(string list) =>
        File.ReadLines(Path.Combine(Parts.Reference, "models", "statedicts", list + ".tsv"))
            .Where(line => !line.StartsWith('#'))
            .Select(line => line.Split('\t'))
            .Select(columns => $"{columns[0]} {columns[1]}")
            .Order(StringComparer.Ordinal);

    private static IEnumerable<string> Asked(Weights weights) =>
        weights.Taken.Select(weight => $"{weight.Name} {string.Join("x", weight.Shape)}").Order(StringComparer.Ordinal);
}
