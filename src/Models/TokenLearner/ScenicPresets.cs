namespace ActionStream.Models.TokenLearner;

/// <summary>TokenLearner ViT/ViViT and ViViT in the sizes of their papers (Ryoo et al. 2021, Arnab et al. 2021).</summary>
internal static class ScenicPresets
{
    public static IReadOnlyList<Preset> All { get; } = [];
}
