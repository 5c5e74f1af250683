using ActionStream.Core.Media;
using ActionStream.Core.Modelling;
using ActionStream.Inference.Batching;
using ActionStream.Inference.Scheduling;

namespace ActionStream.Inference.Scoring;

/// <summary>A model that is ready to score clips, by whatever path: whole windows, or tokens kept from one window to the next.</summary>
public interface IClipModel : IClipCosts
{
    ModelCard Card { get; }

    /// <summary>What was asked for: auto, cpu, cuda, tensorrt.</summary>
    string Requested { get; }

    /// <summary>Where it runs: cpu, cuda:0, tensorrt:0.</summary>
    string Device { get; }

    bool IsGpu { get; }

    /// <summary>What guards the cached path; null where windows go through whole.</summary>
    SelfCheck? SelfCheck { get; }

    /// <summary>A scorer for one worker.</summary>
    IClipScorer OpenScorer(BatchPolicy policy);
}

/// <summary>Puts batches of clips through a model, on the thread of one worker; two never share one.</summary>
public interface IClipScorer : IDisposable
{
    /// <summary>Runs as many clips as the policy allows, or fewer.</summary>
    /// <returns>[clips, K] as the model gave it, valid until the next call.</returns>
    /// <exception cref="ScoringException">The run failed; the scorer can be used again.</exception>
    ReadOnlySpan<float> Score(ReadOnlySpan<Clip> clips);

    /// <summary>Where the model looked in one clip of the last call, [h, w] with the sum 1; empty where nobody asked for its
    /// stream, or the model cannot tell.</summary>
    ReadOnlySpan<float> AttentionOf(int clip) => default;

    /// <summary>Tubelets whose tokens were known, and those that had to be computed, since last asked.</summary>
    (int Hits, int Misses) TakeCounts() => (0, 0);
}

/// <summary>A run that gave no scores.</summary>
/// <param name="reason">A word from a closed set: run_failed, wrong_clip.</param>
public sealed class ScoringException(string reason, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Reason { get; } = reason;

    /// <param name="frame">Axes of one frame.</param>
    internal static ScoringException WrongClip(Clip clip, long frames, IEnumerable<long> frame) => new(
        "wrong_clip",
        $"a clip of {clip.Stream} is {clip.Length} frames of {clip.Size}; the model takes {string.Join("x", frame.Prepend(frames))}");
}
