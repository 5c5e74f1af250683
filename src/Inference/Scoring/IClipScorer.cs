using ActionStream.Core.Media;
using ActionStream.Core.Modelling;
using ActionStream.Inference.Attention;
using ActionStream.Inference.Batching;
using ActionStream.Inference.Onnx;
using ActionStream.Inference.Scheduling;
using Microsoft.ML.OnnxRuntime;

namespace ActionStream.Inference.Scoring;

/// <summary>A model that is ready to score clips, by whatever path: whole windows, or tokens kept from one window to the next.</summary>
public interface IClipModel : IClipCosts, IDisposable
{
    ModelCard Card { get; }

    /// <summary>What was asked for: auto, cpu, cuda, tensorrt.</summary>
    string Requested { get; }

    /// <summary>Where it runs: cpu, cuda:0, tensorrt:0.</summary>
    string Device { get; }

    bool IsGpu { get; }

    /// <summary>What guards the cached path; null where windows go through whole.</summary>
    SelfCheck? SelfCheck { get; }

    /// <summary>The rules of batching on its device.</summary>
    BatchPolicy Policy { get; }

    /// <summary>Drops what is kept of a stream, once none of its windows is under way.</summary>
    void Forget(string stream)
    {
    }

    /// <summary>Says whether a stream's answers are to tell where the model looked. Without effect where it cannot.</summary>
    void WantAttention(string stream, bool isWanted)
    {
    }

    /// <summary>Shows where the model looks, beside whatever the workers do; null where it cannot tell.</summary>
    AttentionReader? OpenAttention() => null;

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

    /// <summary>What the token cache was worth since last asked.</summary>
    TokenCounts TakeCounts() => default;

    /// <summary>Asks a run that is under way to end without an answer, from any thread. The scorer is of no use any more.</summary>
    void Terminate()
    {
    }
}

/// <summary>A run that gave no scores.</summary>
/// <param name="reason">A word from a closed set: run_failed, out_of_memory, device_lost, wrong_clip.</param>
public sealed class ScoringException(string reason, string message, Exception? inner = null) : Exception(message, inner)
{
    public const string OutOfMemory = "out_of_memory";

    public const string DeviceLost = "device_lost";

    public const string WrongClip = "wrong_clip";

    public string Reason { get; } = reason;

    /// <summary>What ONNX Runtime says when a run throws, by its kind.</summary>
    internal static ScoringException Of(OnnxRuntimeException failed) => new(RunFault.ReasonOf(failed.Message), failed.Message, failed);

    /// <param name="frame">Axes of one frame.</param>
    internal static ScoringException Misfit(Clip clip, long frames, IEnumerable<long> frame) => new(
        WrongClip,
        $"a clip of {clip.Stream} is {clip.Length} frames of {clip.Size}; the model takes {string.Join("x", frame.Prepend(frames))}");
}
