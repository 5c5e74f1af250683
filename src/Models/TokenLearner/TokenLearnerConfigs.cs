namespace ActionStream.Models.TokenLearner;

/// <summary>TokenLearner and ViViT networks as configuration files describe them.</summary>
internal static class TokenLearnerConfigs
{
    public static IReadOnlyDictionary<string, ConfiguredNetwork> All { get; } = new Dictionary<string, ConfiguredNetwork>();
}
