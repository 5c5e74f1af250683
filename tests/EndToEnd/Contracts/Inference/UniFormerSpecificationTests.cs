using System.Text.Json;
using ActionStream.EndToEnd.Support;
using ActionStream.Models;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Networks;
using ActionStream.Models.UniFormer;

namespace ActionStream.EndToEnd.Contracts.Inference;

/// <summary>Names, shapes and costs of UniFormer against its specification (Reference/models).</summary>
public sealed class UniFormerSpecificationTests
{
    [Theory]
    [InlineData("uniformer_s_k400", "uniformer-s-16x4", 21_400_400)]
    [InlineData("uniformer_b_k400", "uniformer-b-16x4", 49_813_200)]
    [InlineData("uniformer-light-statedict-xxs", "uniformer-xxs-16x160", 9_833_896)]
    [InlineData("uniformer-light-statedict-xxs", "uniformer-xxs-8x128", 9_840_616)]
    [InlineData("uniformer-light-statedict-xs", "uniformer-xs-32x192", 16_099_552)]
    public void Each_asks_for_exactly_the_arrays_of_its_checkpoint(string list, string preset, long parameters)
    {
        var weights = new Weights(new NoNumbers());
        _ = Presets.Named(preset).Make(weights, Presets.Named(preset).Measures);
        var asked = weights.Taken.Select(weight => $"{weight.Name} {string.Join("x", (IEnumerable<int>)weight.Shape)}");

        var hasGains = asked.Any(name => name.Contains("gamma", StringComparison.Ordinal));
        var expected = File.ReadLines(Path.Combine(Parts.Reference, "models", "statedicts", list + ".tsv"))
            .Where(line => !line.StartsWith('#') && !line.StartsWith("name\t", StringComparison.Ordinal))
            .Select(line => line.Split('\t'))
            .Where(columns => !columns[0].EndsWith("num_batches_tracked", StringComparison.Ordinal))
            .Where(columns => hasGains || columns[^1] != "yes")
            .Select(columns => $"{columns[0]} {columns[1].Trim('[', ']').Replace(',', 'x')}");

        Assert.Equal(expected.Order(StringComparer.Ordinal), asked.Order(StringComparer.Ordinal));
        Assert.Equal(parameters, FlopCounter.Count(Presets.Named(preset)).Parameters);
    }

    [Fact]
    public void Costs_are_the_expected_ones_in_every_configuration_and_group()
    {
        using var full = Read("expected_macs.json");
        foreach (var entry in full.RootElement.GetProperty("models").EnumerateObject().Where(entry =>
            entry.Name.StartsWith("uniformer", StringComparison.Ordinal)))
        {
            var parts = entry.Name.Split('_');
            var frames = int.Parse(parts[3].Split('x')[0], System.Globalization.CultureInfo.InvariantCulture);
            var cost = FlopCounter.Count(Presets.Named($"uniformer-{parts[1]}-{frames}x{(frames == 8 ? 8 : 4)}"));
            Assert.Equal((entry.Name, entry.Value.GetProperty("macs").GetInt64()), (entry.Name, cost.Macs));
            Assert.Equal(entry.Value.GetProperty("params").GetInt64(), cost.Parameters);
            foreach (var group in entry.Value.GetProperty("groups").EnumerateObject())
            {
                var modules = cost.Modules.Where(module => module.Module.Split('.')[0] == group.Name).ToList();
                Assert.Equal((group.Name, group.Value.GetProperty("macs").GetInt64()), (group.Name, modules.Sum(module => module.Macs)));
                Assert.Equal(
                    (group.Name, group.Value.GetProperty("params").GetInt64()), (group.Name, modules.Sum(module => module.Parameters)));
            }
        }
    }

    [Fact]
    public void Costs_of_the_light_ones_are_the_expected_ones_in_every_configuration_and_group()
    {
        using var light = Read("uniformer-light-expected-macs.json");
        foreach (var entry in light.RootElement.EnumerateObject())
        {
            var parts = System.Text.RegularExpressions.Regex.Match(entry.Name, "(xx?s)([0-9]+)_([0-9]+)").Groups;
            var preset = Presets.Named($"uniformer-{parts[1]}-{parts[2]}x{parts[3]}");
            var cost = FlopCounter.Count(preset);
            Assert.Equal((entry.Name, entry.Value.GetProperty("macs").GetInt64()), (entry.Name, cost.Macs));
            foreach (var group in entry.Value.GetProperty("groups").EnumerateObject())
            {
                var name = group.Name.Replace("stem", "patch_embed1", StringComparison.Ordinal)
                    .Replace("stage", "blocks", StringComparison.Ordinal)
                    .Replace("patch2", "patch_embed2", StringComparison.Ordinal).Replace("patch3", "patch_embed3", StringComparison.Ordinal)
                    .Replace("patch4", "patch_embed4", StringComparison.Ordinal);
                var macs = cost.Modules.Where(module => module.Module.Split('.')[0] == name).Sum(module => module.Macs);
                Assert.Equal((entry.Name, group.Name, group.Value.GetInt64()), (entry.Name, group.Name, macs));
            }
        }
    }

    [Fact]
    public void Every_published_configuration_is_listed_by_its_name_and_counts_as_its_preset()
    {
        using var full = Read("expected_macs.json");
        using var light = Read("uniformer-light-expected-macs.json");
        var expected = full.RootElement.GetProperty("models").EnumerateObject().Where(entry =>
            entry.Name.StartsWith("uniformer", StringComparison.Ordinal))
            .Concat(light.RootElement.EnumerateObject())
            .ToDictionary(entry => entry.Name, entry => entry.Value.GetProperty("macs").GetInt64());
        var counted = UniFormerConfigurations.All.ToDictionary(configuration => configuration.Key, configuration =>
        {
            using var config = JsonDocument.Parse(configuration.Value);
            var graph = new Graph("counted", GraphForm.Portable);
            var shape = config.RootElement.GetProperty("input").EnumerateArray().Select(axis => (Dim)axis.GetInt32());
            var input = graph.Input("input", ElementType.F32, ["N", .. shape.Skip(1)]);
            UniFormerConfigs.All[config.RootElement.GetProperty("arch").GetString()!](
                new Weights(new NoNumbers()), config.RootElement, [input]);
            return FlopCounter.Macs(graph);
        });
        Assert.Equal(
            expected.OrderBy(entry => entry.Key, StringComparer.Ordinal), counted.OrderBy(entry => entry.Key, StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("split", 5, 64, 7)]
    [InlineData("plain", 8, 80, 7)]
    [InlineData("light", 8, 64, 11)]
    [InlineData("light", 5, 100, 3)]
    [InlineData("light", 2, 48, 3)]
    [InlineData("light", 1, 32, 2)]
    [InlineData("light", 37, 32, 2)]
    [InlineData("uniformer-xxs-8x128", 3, 48, 3)]
    public void A_batch_of_three_is_three_batches_of_one_at_any_size_and_in_every_form(string name, int frames, int side, int classes)
    {
        var measures = new Measures(frames, side, side + 16, classes);
        var pixels = new byte[3 * frames * side * (side + 16) * 3];
        new Random(5).NextBytes(pixels);
        float[]? first = null;
        foreach (var form in Enum.GetValues<GraphForm>())
        {
            var weights = new Weights(new SeededWeights(3));
            INetwork network = name switch
            {
                "plain" or "split" =>
                    new UniFormer(weights, new([1, 1, 2, 1], [16, 32, 48, 64], HeadWidth: 16, classes) { IsSplit = name == "split" }),

                // A whole block in the middle, and shares other than a half.
                "light" => new UniFormerLight(
                    weights,
                    new(
                        new([1, 1, 4, 2], [16, 32, 48, 64], HeadWidth: 16, classes) { MlpRatios = [2, 3, 4, 4] },
                        [[new(1, 1), new(0.7, 0.3), new(1, 0.6), new(0.5, 0.5)], [new(0.5, 0.5), new(0.34, 0.5)]],
                        HasGains: true)),
                _ => Presets.Named(name).Make(weights, measures),
            };
            using var session = Graphs.Open(ModelGraphs.Whole(network, measures, form: form));
            var together = session.Run(pixels, 3, frames, side, side + 16, 3);
            var alone = pixels.Chunk(pixels.Length / 3).SelectMany(clip => session.Run(clip, 1, frames, side, side + 16, 3)).ToArray();

            Assert.Equal(3 * classes, together.Length);
            Assert.True(Graphs.Difference(together, alone) <= 1e-5, $"{form}: {Graphs.Difference(together, alone):e2}");
            Assert.True(
                Graphs.Difference(together, first ??= together) <= 1e-5,
                $"{form} is not {default(GraphForm)}: {Graphs.Difference(together, first):e2}");
        }
    }

    private static JsonDocument Read(string name) => JsonDocument.Parse(File.ReadAllText(Path.Combine(Parts.Reference, "models", name)));
}
