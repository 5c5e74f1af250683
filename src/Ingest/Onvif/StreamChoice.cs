using ActionStream.Core.Media;
using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest.Onvif;

/// <summary>Which of a camera's streams suits a model: the one that costs least of those that show all that the model looks at.
/// Pure.</summary>
/// <param name="Profile">The stream.</param>
/// <param name="Lacks">What it has too little of, where none has enough; null for one that covers the model.</param>
public sealed record StreamChoice(OnvifProfile Profile, string? Lacks)
{
    /// <summary>A rate that is set to 12 where the model wants 12.5 leaves no slot empty that counts.</summary>
    private const double Enough = 0.95;

    /// <summary>Decoding a picture of the same size costs more in some codecs.</summary>
    private static readonly string[] ByEffort = ["mpeg4", "h264", "mjpeg", "hevc"];

    /// <param name="size">The model's frames.</param>
    /// <param name="interval">Its sampling interval.</param>
    /// <param name="crop">The part of the frame that is looked at: it alone has to be as large as the model's.</param>
    /// <returns>Null where there are no streams.</returns>
    public static StreamChoice? Of(IReadOnlyList<OnvifProfile> profiles, FrameSize size, TimeSpan interval, CropArea? crop = null)
    {
        var known = profiles.Where(profile => ByEffort.Contains(profile.Codec)).ToArray();
        var candidates = known.Length > 0 ? known : profiles;
        var fine = candidates.Where(profile => CoversSize(profile, size, crop) && CoversRate(profile, interval)).ToArray();
        if (fine.Length > 0)
        {
            return new(fine.OrderBy(Effort).ThenBy(profile => Array.IndexOf(ByEffort, profile.Codec)).First(), null);
        }

        // Frames too few leave windows empty; frames too small only blur.
        var best = candidates.OrderByDescending(profile => CoversRate(profile, interval)).ThenByDescending(profile =>
            Shorter(profile.Size)).ThenByDescending(profile => profile.Fps ?? 0).FirstOrDefault();
        return best is null ? null : new(best, CoversRate(best, interval) ? "size" : "rate");
    }

    /// <summary>The shorter side of what is looked at is at least the model's.</summary>
    public static bool CoversSize(OnvifProfile profile, FrameSize size, CropArea? crop = null) =>
        Math.Min(profile.Size.Width * (crop?.Width ?? 1), profile.Size.Height * (crop?.Height ?? 1)) >= Shorter(size) - 1e-6;

    /// <summary>A frame for every slot; a camera that does not tell its rate is believed to have one.</summary>
    public static bool CoversRate(OnvifProfile profile, TimeSpan interval) =>
        profile.Fps is not { } fps || fps >= Enough / interval.TotalSeconds;

    private static double Effort(OnvifProfile profile) => (double)profile.Size.Width * profile.Size.Height * (profile.Fps ?? 25);

    private static int Shorter(FrameSize size) => Math.Min(size.Width, size.Height);
}
