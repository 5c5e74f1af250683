using ActionStream.Core.Media;
using ActionStream.Core.Stages;

namespace ActionStream.Ingest.Quality;

/// <summary>Decides which windows the model never sees, and says why. Pure.</summary>
public sealed class QualityRules(QualityOptions options)
{
    /// <summary>The marks that make a camera degraded where they last: what its owner keeps is no fault of the camera.</summary>
    public FrameMarks Watched { get; } =
        FrameMarks.Frozen | FrameMarks.Damaged | (options.Dark == Treatment.Skip ? FrameMarks.Dark : FrameMarks.None);

    /// <summary>Null if the window is good enough.</summary>
    public DropReason? Skip(in ClipQuality quality) =>
        options.Dark == Treatment.Skip && 2 * quality.Dark > quality.Frames ? DropReason.Dark
        : quality.Score < options.MinScore ? Worst(quality)
        : options.SceneChange == Treatment.Skip && quality.Cuts > 0 ? DropReason.SceneChange
        : null;

    private static DropReason Worst(in ClipQuality quality)
    {
        var (reason, most) = (DropReason.LowQuality, 0);
        Weigh(DropReason.Frozen, quality.Frozen);
        Weigh(DropReason.Corrupt, 2 * quality.Damaged);
        Weigh(DropReason.Gap, quality.Held);
        Weigh(DropReason.SceneChange, quality.Cuts);
        return reason;

        void Weigh(DropReason because, int weight) => (reason, most) = weight > most ? (because, weight) : (reason, most);
    }
}
