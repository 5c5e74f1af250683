namespace ActionStream.Models.UniFormer;

/// <summary>UniFormer networks, plain and light, as configuration files describe them.</summary>
internal static class UniFormerConfigs
{
    public static IReadOnlyDictionary<string, ConfiguredNetwork> All { get; } = new Dictionary<string, ConfiguredNetwork>();
}
