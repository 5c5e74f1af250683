using ActionStream.Core.Media;

namespace ActionStream.Core.Results;

/// <summary>What the model said about one clip, with everything needed to explain it later. Whoever holds it
/// passes it on or disposes it, once.</summary>
/// <remarks>A value: there is one per decision.</remarks>
/// <param name="Stream">The camera's key in the configuration.</param>
/// <param name="Window">Running number of the clip within its stream, from 0.</param>
/// <param name="Values">[K], after softmax or sigmoid, each 0 to 1, in the order of the card's labels.</param>
/// <param name="Device">Where it ran: cpu, cuda:0, tensorrt:0.</param>
/// <param name="TakenAt">Time stamp when a session began on the clip.</param>
/// <param name="InferredAt">Time stamp when the scores were there.</param>
public readonly record struct ClipScores(
    string Stream,
    long Window,
    ClipTime Time,
    ClipQuality Quality,
    float[] Values,
    string Device,
    long TakenAt,
    long InferredAt) : IDisposable
{
    /// <summary>Takes <see cref="Values"/> back, so that an answer costs no array; null where nobody does.</summary>
    public Action<float[]>? ReturnToPool { get; init; }

    /// <summary>Where the model looked in this clip, [h, w] with the sum 1; null where nobody asked, and where it cannot tell.</summary>
    public float[]? Attention { get; init; }

    /// <summary>The frames behind the answer, where somebody makes frames of them; null otherwise.</summary>
    public Clip? Clip { get; init; }

    /// <summary>Not an answer but a mark among them: called when all before it have been taken; null for answers.</summary>
    public Action? Passed { get; init; }

    /// <summary>A mark that tells when all answers before it have been taken.</summary>
    public static ClipScores Mark(Action passed) => new("", 0, default, default, [], "", 0, 0) { Passed = passed };

    /// <summary>After this the values belong to another answer.</summary>
    public void Dispose()
    {
        Clip?.Dispose();
        ReturnToPool?.Invoke(Values);
    }
}
