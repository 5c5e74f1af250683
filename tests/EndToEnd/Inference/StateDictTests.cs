using ActionStream.EndToEnd.Support;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Layers;
using ActionStream.Models.TokenLearner;

namespace ActionStream.EndToEnd.Inference;

public sealed class StateDictTests
{
    [NeedsFact("shared")]
    public void Our_model_asks_for_exactly_the_arrays_of_its_specification()
    {
        var expected = File.ReadLines(Path.Combine(Parts.Shared, "models", "statedicts", "ours_factorised_tokenlearner_vivit_S384_8at6_6_T32.tsv"))
            .Where(line => !line.StartsWith('#'))
            .Select(line => line.Split('\t'))
            .Select(columns => $"{columns[0]} {columns[1]}")
            .ToList();

        var weights = new Weights(new NoNumbers());
        _ = new FactorisedTokenLearnerViViT(
            weights, new FactorisedShape(32, new PatchGrid(2, 16, 224, 224), Width: 384, Heads: 6, SpatialLayers: 6, TemporalLayers: 6, Tokens: 8, Classes: 400));

        Assert.Equal(expected.Order(), weights.Taken.Select(weight => $"{weight.Name} {string.Join("x", Shape(weight))}").Order());
        Assert.Equal(22_147_416, weights.Taken.Sum(weight => weight.Elements));
    }

    private static IEnumerable<int> Shape(Weight weight) => weight.Shape;
}
