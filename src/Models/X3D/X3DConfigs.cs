using System.Globalization;
using System.Text.Json;
using ActionStream.Models.Graphs;
using ActionStream.Models.Networks;

namespace ActionStream.Models.X3D;

/// <summary>X3D and X(2+1)D as configuration files describe them, and the published sizes.</summary>
internal static class X3DConfigs
{
    public static IReadOnlyDictionary<string, ConfiguredNetwork> All { get; } = new Dictionary<string, ConfiguredNetwork>
    {
        ["x3d"] = (weights, config, inputs) => config.List("depth") is { Length: 4 } depths
            ? new X3D(weights, new(depths, config.Number("num_classes"))).ApplyTo(Clip(inputs[0]))
            : throw new ModelBuildException("an X3D has four stages; expected four depths"),
        ["x2plus1d"] = (weights, config, inputs) => new X2Plus1D(weights, new(
            (int)Clip(inputs[0]).Shape[2].Factor, config.Flag("use_tokens", true) ? config.Number("num_tokens", 8) : null,
            config.Number("num_classes")))
            .ApplyTo(Clip(inputs[0])),
    };

    public static IEnumerable<KeyValuePair<string, string>> Published { get; } =
    [
        Of("x3d_xs_k400", "[3, 5, 11, 7]", 4, 160),
        Of("x3d_s_k400", "[3, 5, 11, 7]", 13, 160),
        Of("x3d_m_k400", "[3, 5, 11, 7]", 16, 224),
        Of("x3d_m_256_k400", "[3, 5, 11, 7]", 16, 256),
        Of("x3d_l_k400", "[5, 10, 25, 15]", 16, 312),
    ];

    private static KeyValuePair<string, string> Of(string name, string depths, int frames, int side) =>
        KeyValuePair.Create(name, string.Create(
            CultureInfo.InvariantCulture,
            $$"""{ "arch": "x3d", "depth": {{depths}}, "num_classes": 400, "input": [1, 3, {{frames}}, {{side}}, {{side}}] }"""));

    private static Tensor Clip(Tensor input) => input.Shape.Rank == 5 && input.Shape[1] == 3
        ? input
        : throw new ModelBuildException($"{input.Shape} is no clip with its channels first; expected [N, 3, T, H, W]");
}
