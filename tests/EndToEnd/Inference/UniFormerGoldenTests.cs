using System.Text.Json;
using ActionStream.EndToEnd.Support;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.UniFormer;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Inference;

/// <summary>UniFormer, plain and light, against the numbers of the authors' code (../shared/golden), in every graph form.</summary>
public sealed class UniFormerGoldenTests(ITestOutputHelper output)
{
    [NeedsTheory("shared")]
    [InlineData("uniformer_tiny")]
    [InlineData("uniformer_split")]
    [InlineData("uniformer_odd")]
    [InlineData("uniformer_light_xxs_ls")]
    [InlineData("uniformer_light_xs")]
    [InlineData("uniformer_light_eps")]
    [InlineData("pth/light_pth_io")]
    public void Outputs_and_intermediates_are_the_reference_s(string name)
    {
        var file = SafeTensors.Open(Path.Combine(Parts.Shared, "golden", name + ".safetensors"));
        using var config = JsonDocument.Parse(file.Metadata["config"]);
        var isLight = !config.RootElement.TryGetProperty("arch", out var arch);
        var network = UniFormerConfigs.All[isLight ? config.RootElement.GetProperty("model_name").GetString()! : arch.GetString()!];
        var shape = file.ShapeOf("input", null)!;
        foreach (var form in Enum.GetValues<GraphForm>())
        {
            var graph = new Graph(name, form);
            var input = graph.Input("input", ElementType.F32, ["N", .. shape.Skip(1).Select(axis => (Dim)axis)]);
            graph.Output("output", network(new Weights(file), config.RootElement, [input]));
            foreach (var (path, value) in graph.Marks.Where(mark => file.ShapeOf($"mid.{mark.Key}", null) is not null))
            {
                graph.Output($"mid.{path}", value);
            }

            using var session = Graphs.Open(graph);
            var results = session.RunAll(file.Read("input", shape), [.. shape.Select(axis => (long)axis)]);
            var differences = results.ToDictionary(result => result.Key, result => Graphs.Difference(result.Value, file.Read(result.Key, [])));
            var worst = differences.Where(pair => pair.Key != "output").MaxBy(pair => pair.Value);
            output.WriteLine($"{form}: output {differences["output"]:e2}, {results.Count - 1} mids, worst {worst.Key} {worst.Value:e2}");

            Assert.True(differences["output"] <= 2e-5, $"{form} output differs by {differences["output"]:e2}");
            Assert.All(differences, pair => Assert.True(pair.Value <= 5e-5, $"{form} {pair.Key} differs by {pair.Value:e2}"));
            Assert.DoesNotContain(file.Arrays, array => array.Name.StartsWith("mid.", StringComparison.Ordinal) && !results.ContainsKey(array.Name));
        }
    }
}
