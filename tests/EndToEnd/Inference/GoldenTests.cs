using System.Text.Json;
using ActionStream.EndToEnd.Support;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Layers;
using ActionStream.Models.TokenLearner;
using Xunit.Abstractions;

namespace ActionStream.EndToEnd.Inference;

/// <summary>Our layers against numbers that the reference implementations gave for the same weights (../shared/golden).</summary>
public sealed class GoldenTests(ITestOutputHelper output)
{
    private const double OutputTolerance = 2e-5;
    private const double MidTolerance = 5e-5;

    [NeedsFact("shared")]
    public void TokenLearner_version_1_1_gives_the_reference_numbers() => Verify("tokenlearner_v11", (weights, config, input) =>
        new TokenLearner(weights, width: (int)input.Shape[^1].Factor, config.GetProperty("num_tokens").GetInt32(), config.GetProperty("bottleneck_dim").GetInt32())
            .Apply(input));

    [NeedsFact("shared")]
    public void An_encoder_with_TokenLearner_gives_the_reference_numbers() => Verify("tokenlearner_encodermod", (weights, config, input) =>
    {
        int Of(string name) => config.GetProperty(name).GetInt32();
        int width = (int)input.Shape[^1].Factor, all = (int)input.Shape[1].Factor, times = Of("temporal_dimensions"), tokens = Of("num_tokens");
        var shape = new EncoderShape(Of("num_layers"), width, Of("num_heads"), Of("mlp_dim"));
        var x = input + input.Graph.Use((weights / "posembed_input").Get("pos_embedding", 1, all, width));
        x.Mark("posembed_input");
        for (var layer = 0; layer < shape.Layers; layer++)
        {
            if (layer == Of("tokenlearner_loc"))
            {
                var frames = x.Reshape(x.Shape[0] * times, all / times, width);
                x = new TokenLearner(weights / "TokenLearnerModuleV11_0", width, tokens).Apply(frames).Reshape(input.Shape[0], times * tokens, width);
            }

            x = new EncoderBlock(weights / $"encoderblock_{layer}", shape).Apply(x);
        }

        return new LayerNorm(weights / "encoder_norm", width).Apply(x);
    });

    [NeedsFact("shared")]
    public void A_factorised_ViViT_with_class_tokens_gives_the_reference_numbers() => Verify("vivit_fe", FactorisedEncoder);

    [NeedsFact("shared")]
    public void A_factorised_ViViT_with_means_gives_the_reference_numbers() => Verify("vivit_fe_gap", FactorisedEncoder);

    // The same embedding, blocks, norms and head as our own model's, in the arrangement whose numbers are published.
    private static Tensor FactorisedEncoder(Weights weights, JsonElement config, Tensor input)
    {
        var width = config.GetProperty("hidden_size").GetInt32();
        var patch = config.GetProperty("patch_size").EnumerateArray().Select(side => side.GetInt32()).ToArray();
        var grid = new PatchGrid(patch[2], patch[0], (int)input.Shape[2].Factor, (int)input.Shape[3].Factor);
        var steps = (int)input.Shape[1].Factor / grid.Tubelet;
        var hasCls = config.GetProperty("classifier").GetString() == "token";

        var x = new TubeletEmbedding(weights / "embedding", grid, width).Apply(input, steps);
        x = Encode("Spatial", x, grid.Count).Mark("spatial_pooled").Reshape(input.Shape[0], steps, width);
        x = Encode("Temporal", x, steps).Mark("pooled");
        if (config.GetProperty("representation_size").ValueKind == JsonValueKind.Number)
        {
            var size = config.GetProperty("representation_size").GetInt32();
            x = new Dense(weights / "pre_logits", width, size).Apply(x).Tanh().Mark("pre_logits_tanh");
            return new Dense(weights / "output_projection", size, 10).Apply(x);
        }

        return new Dense(weights / "output_projection", width, 10).Apply(x);

        Tensor Encode(string side, Tensor tokens, int count)
        {
            var at = weights / $"{side}Transformer";
            var measures = config.GetProperty(side.ToLowerInvariant());
            var shape = new EncoderShape(
                measures.GetProperty("num_layers").GetInt32(), width, measures.GetProperty("num_heads").GetInt32(), measures.GetProperty("mlp_dim").GetInt32());
            if (hasCls)
            {
                tokens = Arranging.Concat(1, tokens.Graph.Use(weights.Get($"cls_{side}Transformer", 1, 1, width)).ExpandLike(tokens, 0), tokens);
            }

            tokens += tokens.Graph.Use((at / "posembed_input").Get("pos_embedding", 1, hasCls ? count + 1 : count, width));
            tokens = new LayerNorm(at / "encoder_norm", width).Apply(new Encoder(at, shape).Apply(tokens.Mark($"{side}Transformer/posembed_input")));
            return hasCls ? tokens.Pick(1, 0) : tokens.Mean(1);
        }
    }

    private void Verify(string name, Func<Weights, JsonElement, Tensor, Tensor> network)
    {
        var file = SafeTensors.Open(Path.Combine(Parts.Shared, "golden", name + ".safetensors"));
        using var config = JsonDocument.Parse(file.Metadata["config"]);
        var shape = file.ShapeOf("input", null)!;
        foreach (var form in Enum.GetValues<GraphForm>())
        {
            var graph = new Graph(name, form);
            var input = graph.Input("input", ElementType.F32, ["N", .. shape.Skip(1).Select(axis => (Dim)axis)]);
            graph.Output("output", network(new Weights(file), config.RootElement, input));
            foreach (var (path, value) in graph.Marks.Where(mark => file.ShapeOf($"mid.{mark.Key}", null) is not null))
            {
                graph.Output($"mid.{path}", value);
            }

            using var session = Graphs.Open(graph);
            var results = session.RunAll(file.Read("input", shape), [.. shape.Select(axis => (long)axis)]);
            foreach (var (path, actual) in results)
            {
                var difference = Graphs.Difference(actual, file.Read(path, []));
                output.WriteLine($"{form} {path}: {difference:e2}");
                Assert.True(difference <= (path == "output" ? OutputTolerance : MidTolerance), $"{form} {path} differs by {difference:e2}");
            }

            Assert.True(results.Count > 2, "a check of the output alone cannot tell which layer is wrong");
        }
    }
}
