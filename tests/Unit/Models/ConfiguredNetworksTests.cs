using System.Text.Json;
using ActionStream.Models;
using ActionStream.Models.Networks;

namespace ActionStream.Unit.Models;

public sealed class ConfiguredNetworksTests
{
    // docs/flops: the count by formula, so that odd frames, sizes, heads and token counts are counted, not looked up.
    [Theory]
    [InlineData(
        """{ "arch": "tokenlearner_module_v11", "num_tokens": 5, "bottleneck_dim": 16, "input": [3, 7, 9, 24] }""",
        (63 * 24 * 16) + (63 * 16 * 5) + (63 * 5 * 24))]
    [InlineData(
        """{ "arch": "tokenlearner_module_v10", "num_tokens": 5, "input": [3, 7, 9, 24] }""",
        (9 * 63 * ((24 * 5) + (3 * 25))) + (63 * 5 * 24))]
    [InlineData(
        """{ "arch": "tokenfuser", "bottleneck_dim": 16, "input_shapes": [[1, 5, 24], [1, 7, 9, 24]] }""",
        (25 * 24) + (63 * 24 * 16) + (63 * 16 * 5) + (63 * 5 * 24))]
    [InlineData(
        """{ "arch": "vivit", "classifier": "gap", "patch_size": [8, 10, 3], "hidden_size": 20, "num_layers": 1, "num_heads": """
        + """5, "mlp_dim": 30, "num_classes": 7, "input": [1, 7, 33, 41, 3] }""",
        (32 * 20 * 720) + (4 * 32 * 400) + (2 * 32 * 32 * 20) + (2 * 32 * 20 * 30) + (20 * 7))]
    public void Any_measures_are_counted(string config, long macs)
    {
        using var json = JsonDocument.Parse(config);
        Assert.Equal(macs, ConfiguredCost.Count(json.RootElement).Macs);
    }

    [Theory]
    [InlineData("""{ }""", "arch is ''")]
    [InlineData("""{ "arch": "resnet" }""", "arch is 'resnet'; known are")]
    [InlineData(
        """{ "arch": "tokenlearner_module_v11", "input": [1, 64, 32] }""",
        "num_tokens is missing or wrong; expected a whole number from 1")]
    [InlineData("""{ "arch": "tokenlearner_module_v11", "num_tokens": -4, "input": [1, 64, 32] }""", "num_tokens is missing or wrong")]
    [InlineData("""{ "arch": "tokenlearner_module_v10", "num_tokens": 4, "input": [1, 60, 32] }""", "its positions are no square")]
    [InlineData("""{ "arch": "tokenfuser", "input": [1, 8, 32] }""", "two inputs")]
    [InlineData(
        """{ "arch": "tokenlearner_encodermod", "num_layers": 1, "num_heads": 5, "num_tokens": 4, "tokenlearner_loc": 0, "input": """
        + """[1, 64, 48] }""",
        "48 channels do not divide in 5 heads")]
    [InlineData(
        """{ "arch": "vivit", "classifier": "best", "patch_size": [8, 8, 2], "hidden_size": 16, "num_layers": 1, "num_heads": """
        + """2, "num_classes": 7, "input": [1, 8, 32, 32, 3] }""",
        "classifier is missing or wrong; expected one of token, gap")]
    [InlineData(
        """{ "arch": "vivit", "patch_size": [64, 64, 2], "hidden_size": 16, "num_layers": 1, "num_heads": 2, "num_classes": 7, "input": """
        + """[1, 8, 32, 32, 3] }""",
        "no whole patch")]
    public void What_describes_no_network_is_refused_in_words(string config, string problem)
    {
        using var json = JsonDocument.Parse(config);
        Assert.Contains(
            problem, Assert.Throws<ModelBuildException>(() => ConfiguredCost.Count(json.RootElement)).Message, StringComparison.Ordinal);
    }
}
