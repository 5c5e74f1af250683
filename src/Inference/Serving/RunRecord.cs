using ActionStream.Inference.Scoring;

namespace ActionStream.Inference.Serving;

/// <summary>Tells a run that failed from a model whose runs fail for good: one bad clip must not cost a session, and a dead device
/// must not be asked for ever.</summary>
/// <remarks>From any thread.</remarks>
public sealed class RunRecord
{
    /// <summary>Failures in a row, of any worker, after which it is not the clips.</summary>
    public const int TooMany = 5;

    private int _failures;

    public void Succeeded() => Volatile.Write(ref _failures, 0);

    /// <summary>A run failed.</summary>
    /// <returns>True if there is no use in another.</returns>
    public bool Failed(ScoringException failed) => failed.Reason switch
    {
        ScoringException.DeviceLost => true,
        ScoringException.WrongClip => false, // never reached the model
        _ => Interlocked.Increment(ref _failures) >= TooMany,
    };
}
