namespace ActionStream.Models.UniFormer;

/// <summary>UniFormer (Li et al. 2022) in its published sizes.</summary>
internal static class UniFormerPresets
{
    public static IReadOnlyList<Preset> All { get; } = [];
}
