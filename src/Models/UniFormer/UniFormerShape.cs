namespace ActionStream.Models.UniFormer;

/// <summary>Measures of a UniFormer. Clip length and frame size are not among them: no array depends on them.</summary>
/// <param name="Depths">Blocks of the four stages; the first two are local, the last two global.</param>
/// <param name="Widths">Channels of the four stages.</param>
/// <param name="HeadWidth">Channels of one attention head.</param>
/// <param name="Classes">K, labels.</param>
internal sealed record UniFormerShape(IReadOnlyList<int> Depths, IReadOnlyList<int> Widths, int HeadWidth, int Classes)
{
    /// <summary>Hidden channels of an MLP per channel, by stage.</summary>
    public IReadOnlyList<int> MlpRatios { get; init; } = [4, 4, 4, 4];

    /// <summary>Global blocks attend over time, then over space, instead of both at once.</summary>
    public bool IsSplit { get; init; }

    /// <summary>The authors' `std`: mergings look at three frames. No published model does.</summary>
    public bool MergesTime { get; init; }

    public int Heads(int stage) => Widths[stage] / HeadWidth;

    public int Hidden(int stage) => Widths[stage] * MlpRatios[stage];

    public static UniFormerShape Small(int classes) => new([3, 4, 8, 3], [64, 128, 320, 512], 64, classes);

    public static UniFormerShape Base(int classes) => new([5, 8, 20, 7], [64, 128, 320, 512], 64, classes);
}
