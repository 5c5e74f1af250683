using ActionStream.Core.Configuration;

namespace ActionStream.Ingest.Quality;

/// <summary>What becomes of a window whose frames show something that may be real.</summary>
public enum Treatment
{
    /// <summary>It is not given to the model, and counted.</summary>
    Skip,

    /// <summary>The model decides; the message says what was found.</summary>
    Keep,
}

/// <summary>Which windows are not worth the model's time, because their frames are not what the camera shows.</summary>
public sealed record QualityOptions
{
    /// <summary>Windows with a lower score (docs/mqtt.md) are skipped, 0 to 1. The default takes three frames a second where eight are
    /// wanted, and half a window damaged no longer.</summary>
    public double MinScore { get; init; } = 0.3;

    /// <summary>A camera that sends no new frame for so long, to the last bit, is frozen; 0s never. Longer than the camera's key frame
    /// distance, which is 1 to 4 seconds.</summary>
    public TimeSpan FrozenAfter { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>Windows that are mostly black or of one colour: skip or keep.</summary>
    public Treatment Dark { get; init; }

    /// <summary>Windows in which the whole frame changes at once: skip or keep.</summary>
    public Treatment SceneChange { get; init; }

    /// <summary>How long frames count as damaged after a decoding error; a smear lasts until the camera's next key frame.</summary>
    public TimeSpan DamagedFor { get; init; } = TimeSpan.FromSeconds(1);

    public void Check(ConfigCheck check)
    {
        check.Expect(MinScore is >= 0 and <= 1, MinScore, "0 to 1; 0 skips nothing for its score");
        check.Expect(
            FrozenAfter == TimeSpan.Zero || (FrozenAfter >= TimeSpan.FromSeconds(1) && FrozenAfter <= TimeSpan.FromMinutes(10)),
            FrozenAfter, "1s to 10m, or 0s for never", nameof(FrozenAfter));
        check.Expect(DamagedFor >= TimeSpan.Zero && DamagedFor <= TimeSpan.FromMinutes(1), DamagedFor, "0s to 1m", nameof(DamagedFor));
    }
}
