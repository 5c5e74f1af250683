namespace ActionStream.Models.Conv3DBert;

/// <summary>Late temporal BERT on 3D CNNs (Kalfaoglu et al. 2020) in its published sizes.</summary>
internal static class Conv3DBertPresets
{
    public static IReadOnlyList<Preset> All { get; } = [];
}
