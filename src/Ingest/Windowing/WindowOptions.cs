using ActionStream.Core.Configuration;
using ActionStream.Core.Modelling;

namespace ActionStream.Ingest.Windowing;

/// <summary>How often a camera is asked; what is not said comes from the model.</summary>
public sealed record WindowOptions
{
    /// <summary>Sampled frames from one clip to the next; a quarter of the model's frames if not given.</summary>
    public int? Hop { get; init; }

    /// <summary>Time between two sampled frames, where it should differ from what the model was trained on.</summary>
    public TimeSpan? Interval { get; init; }

    public void Check(ConfigCheck check, ModelInput model)
    {
        check.Expect(
            Hop is null || (Hop >= 1 && Hop <= model.Frames), Hop,
            $"1 to {model.Frames} (the model's frames): a longer hop would leave frames unseen", nameof(Hop));
        check.Expect(
            Interval is null || (Interval >= TimeSpan.FromMilliseconds(10) && Interval <= TimeSpan.FromSeconds(10)),
            Interval, "10ms to 10s", nameof(Interval));
    }

    public WindowSpec For(ModelInput model) =>
        new(model.Frames, Interval ?? model.Interval, Hop ?? Math.Max(1, model.Frames / 4));
}
