using System.Text.Json;
using System.Text.RegularExpressions;
using ActionStream.EndToEnd.Support;
using ActionStream.Models;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Layers;
using ActionStream.Models.TokenLearner;

namespace ActionStream.EndToEnd.Models;

/// <summary>Our counts against ../shared/models/expected_macs.json, to the last multiply-accumulate.</summary>
public sealed class ExpectedMacsTests
{
    public static TheoryData<string> Counted => [.. Names().Where(ConfiguredCost.Published.ContainsKey)];

    [NeedsTheory("shared")]
    [MemberData(nameof(Counted))]
    public void Parameters_and_products_are_counted_exactly(string name)
    {
        using var expected = Open();
        using var config = JsonDocument.Parse(ConfiguredCost.Published[name]);
        var cost = ConfiguredCost.Count(config.RootElement);
        var model = expected.RootElement.GetProperty("models").GetProperty(name);

        Assert.Equal((model.GetProperty("params").GetInt64(), model.GetProperty("macs").GetInt64()), (cost.Parameters, cost.Macs));
        foreach (var group in model.TryGetProperty("groups", out var groups) ? groups.EnumerateObject() : default)
        {
            var modules = cost.Modules.Where(module => module.Module == group.Name || module.Module.StartsWith(group.Name + ".", StringComparison.Ordinal)).ToList();
            Assert.Equal(
                (group.Name, group.Value.GetProperty("params").GetInt64(), group.Value.GetProperty("macs").GetInt64()),
                (group.Name, modules.Sum(module => module.Parameters), modules.Sum(module => module.Macs)));
        }
    }

    [NeedsFact("shared")]
    public void Halves_and_a_hop_of_one_are_counted_exactly()
    {
        using var expected = Open();
        var ours = expected.RootElement.GetProperty("models").EnumerateObject().Where(model => model.Value.TryGetProperty("cached_hop1_macs", out _)).ToList();
        Assert.NotEmpty(ours);
        Assert.All(ours, model =>
        {
            var numbers = Regex.Match(model.Name, @"_D(\d+)_T(\d+)_Ls(\d+)_Lt(\d+)_S(\d+)_").Groups.Values.Skip(1).Select(group => int.Parse(group.Value)).ToArray();
            var measures = new Measures(numbers[1], 224, 224, 400);
            var network = new FactorisedTokenLearnerViViT(new Weights(new NoNumbers()), new(
                numbers[1], new PatchGrid(2, 16, 224, 224), numbers[0], numbers[0] / 64, numbers[2], numbers[3], numbers[4], 400));
            var frame = FlopCounter.Macs(ModelGraphs.FrameEncoder(network, measures, form: GraphForm.Portable));
            var head = FlopCounter.Macs(ModelGraphs.TemporalHead(network, measures, GraphForm.Portable));
            long Expected(string name) => model.Value.GetProperty(name).GetInt64();

            Assert.Equal(
                (Expected("frame_encoder_macs"), Expected("temporal_head_macs"), Expected("cached_hop1_macs")), (frame, head, frame + head));
        });
    }

    private static IEnumerable<string> Names()
    {
        if (!Parts.IsThere("shared"))
        {
            return [];
        }

        using var expected = Open();
        return [.. expected.RootElement.GetProperty("models").EnumerateObject().Select(model => model.Name)];
    }

    private static JsonDocument Open() => JsonDocument.Parse(File.ReadAllText(Path.Combine(Parts.Shared, "models", "expected_macs.json")));
}
