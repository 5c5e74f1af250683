namespace ActionStream.Models.Conv3DBert;

/// <summary>3D CNNs with late temporal BERT as configuration files describe them.</summary>
internal static class Conv3DBertConfigs
{
    public static IReadOnlyDictionary<string, ConfiguredNetwork> All { get; } = new Dictionary<string, ConfiguredNetwork>();
}
