using System.Text.Json;
using ActionStream.Models.Checkpoints;
using ActionStream.Models.Graphs;
using ActionStream.Models.Networks;
using ActionStream.Models.TokenLearner;
using ActionStream.Models.UniFormer;
using ActionStream.Models.X3D;

namespace ActionStream.Models;

/// <summary>Counts what a configuration describes, without weights and without running it.</summary>
/// <remarks>
/// A configuration is the JSON object that golden files carry: `arch` and the measures that its <see cref="ConfiguredNetwork"/>
/// reads, and the input's shape as `input_shapes` ([[2, 8, 64, 64, 3]]), `input` ([1, 3, 32, 48, 48]), or `frames`, `height`,
/// `width` and `input_layout` ("N,C,T,H,W"). The batch does not matter.
/// <para>To make a published configuration countable by name, list it in <see cref="Published"/>: each family adds its own
/// dictionary there, name to configuration, and the test over ../shared/models/expected_macs.json picks it up by that name.</para>
/// </remarks>
public static class ConfiguredCost
{
    /// <summary>Configurations of papers and published checkpoints, JSON by name.</summary>
    public static IReadOnlyDictionary<string, string> Published { get; } =
        ScenicConfigurations.All.Concat(X3DConfigs.Published).Concat(UniFormerConfigurations.All).ToDictionary(StringComparer.Ordinal);

    /// <summary>Counts a configuration as a textbook runs it: every token of every layer.</summary>
    /// <exception cref="ModelBuildException">The configuration does not describe a network that we know.</exception>
    public static ModelCost Count(JsonElement config)
    {
        try
        {
            var arch = config.TryGetProperty("arch", out var word) ? word.GetString() ?? "" : "";
            if (!ConfiguredNetworks.All.TryGetValue(arch, out var network))
            {
                throw new ModelBuildException(
                    $"the configuration's arch is '{arch}'; "
                    + $"known are {string.Join(", ", ConfiguredNetworks.All.Keys.Order(StringComparer.Ordinal))}");
            }

            var graph = new Graph(arch, GraphForm.Portable);
            var weights = new Weights(new NoNumbers());
            List<Tensor> inputs = [.. Shapes(config).Select((shape, i) =>
                graph.Input($"input{i}", ElementType.F32, ["N", .. shape.Skip(1).Select(axis => (Dim)axis)]))];
            graph.Output("output", network(weights, config, inputs));
            return FlopCounter.Count(graph, weights.Taken);
        }
        catch (Exception problem) when (problem is not ModelBuildException && NetworkConfig.IsWrong(problem))
        {
            throw new ModelBuildException($"the configuration does not fit together: {problem.Message}");
        }
    }

    private static int[][] Shapes(JsonElement config)
    {
        if (config.TryGetProperty("input_shapes", out var shapes))
        {
            return [.. shapes.EnumerateArray().Select(Axes)];
        }

        if (config.TryGetProperty("input", out var input))
        {
            return [Axes(input)];
        }

        var layout = config.TryGetProperty("input_layout", out var word) ? word.GetString()!.Split(' ')[0] : "N,C,T,H,W";
        return [[.. layout.Split(',').Select(axis => axis switch
        {
            "N" => 1,
            "C" => 3,
            "T" => config.Number("frames"),
            "H" => config.Number("height"),
            "W" => config.Number("width"),
            _ => throw new ModelBuildException($"the configuration's input_layout is {layout}; expected letters such as N,C,T,H,W"),
        })]];
    }

    private static int[] Axes(JsonElement shape) => [.. shape.EnumerateArray().Select(axis => axis.GetInt32())];
}
