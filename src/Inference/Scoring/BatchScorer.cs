using System.Collections.Concurrent;
using ActionStream.Core.Media;
using ActionStream.Core.Results;

namespace ActionStream.Inference.Scoring;

/// <summary>
/// From clips to answers on one worker's thread: what the service and replays do alike, with logits that are no answer told
/// apart.
/// </summary>
/// <remarks>Answers may be disposed on any thread: their arrays come back and are used again.</remarks>
public sealed class BatchScorer : IDisposable
{
    private readonly IClipModel _model;
    private readonly IClipScorer _scorer;
    private readonly int _classes;
    private readonly ConcurrentBag<float[]> _pool = [];
    private readonly Action<float[]> _returnToPool;
    private readonly List<float[]?> _values = [];

    /// <param name="scorer">Is disposed with it.</param>
    public BatchScorer(IClipModel model, IClipScorer scorer)
    {
        (_model, _scorer, _classes) = (model, scorer, model.Card.Labels.Count);
        _returnToPool = _pool.Add;
    }

    /// <summary>What the token cache was worth since last asked.</summary>
    public TokenCounts TakeCounts() => _scorer.TakeCounts();

    /// <summary>Puts clips through the model. Ask for their answers before the next call.</summary>
    /// <exception cref="ScoringException">The run failed; the scorer can be used again.</exception>
    public void Run(ReadOnlySpan<Clip> clips)
    {
        _values.Clear();
        var logits = _scorer.Score(clips);
        for (var i = 0; i < clips.Length; i++)
        {
            _values.Add(logits.Length == clips.Length * _classes ? ValuesOf(logits.Slice(i * _classes, _classes)) : null);
        }
    }

    /// <summary>
    /// The answer for one clip of the last run, once; false where the model gave no numbers, or not as many as it has
    /// labels.
    /// </summary>
    /// <param name="index">Its place in the run.</param>
    /// <param name="window">Its place in its stream.</param>
    public bool TryAnswer(int index, Clip clip, long window, long takenAt, long inferredAt, out ClipScores answer)
    {
        if (_values[index] is not { } values)
        {
            answer = default;
            return false;
        }

        answer = new(clip.Stream, window, clip.Time, clip.Quality, values, _model.Device, takenAt, inferredAt)
        {
            ReturnToPool = _returnToPool,
            Attention = _scorer.AttentionOf(index) is { IsEmpty: false } attention ? attention.ToArray() : null,
        };
        return true;
    }

    /// <summary>Asks a run that is under way to end without an answer. From any thread.</summary>
    public void Terminate() => _scorer.Terminate();

    public void Dispose() => _scorer.Dispose();

    private float[]? ValuesOf(ReadOnlySpan<float> logits)
    {
        var values = _pool.TryTake(out var pooled) ? pooled : new float[_classes];
        if (Activations.TryApply(_model.Card.Output.Activation, logits, values))
        {
            return values;
        }

        _pool.Add(values);
        return null;
    }
}
