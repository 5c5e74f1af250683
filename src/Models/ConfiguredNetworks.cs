using ActionStream.Models.Conv3DBert;
using ActionStream.Models.Networks;
using ActionStream.Models.TokenLearner;
using ActionStream.Models.UniFormer;
using ActionStream.Models.X3D;

namespace ActionStream.Models;

/// <summary>Networks by the word that golden and configuration files call `arch`.</summary>
internal static class ConfiguredNetworks
{
    public static IReadOnlyDictionary<string, ConfiguredNetwork> All { get; } =
        TokenLearnerConfigs.All.Concat(UniFormerConfigs.All).Concat(Conv3DBertConfigs.All).Concat(X3DConfigs.All)
            .ToDictionary(StringComparer.Ordinal);
}
