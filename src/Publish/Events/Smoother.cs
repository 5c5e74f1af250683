namespace ActionStream.Publish.Events;

/// <summary>Exponential smoothing in time, not in counts: twice the decisions per second do not make it twice as nervous.</summary>
/// <param name="constant">After this long a new score counts 63 %; zero passes scores through.</param>
/// <param name="labels">Scores per decision.</param>
internal sealed class Smoother(TimeSpan constant, int labels)
{
    private readonly double[] _values = new double[labels];
    private TimeSpan? _last;
    private (int Epoch, int Segment) _run;

    /// <summary>[K], as of the last update.</summary>
    public ReadOnlySpan<double> Values => _values;

    /// <summary>Takes one decision. False, and nothing changed, if it is not newer than the last one taken.</summary>
    /// <param name="presentation">End of the window in the stream's own time; comparable within one epoch and segment only.</param>
    public bool TryUpdate(ReadOnlySpan<float> scores, int epoch, int segment, TimeSpan presentation)
    {
        var run = (epoch, segment);
        if (_last is not null && (run.CompareTo(_run) < 0 || (run == _run && presentation <= _last)))
        {
            return false;
        }

        // What was before a gap says nothing about after it.
        var weight = _last is { } last && run == _run ? Weight(presentation - last) : 1;
        for (var i = 0; i < Math.Min(scores.Length, _values.Length); i++)
        {
            _values[i] += weight * (scores[i] - _values[i]);
        }

        (_last, _run) = (presentation, run);
        return true;
    }

    // A long gap needs no rule of its own: four constants on, 98 % is the new score.
    private double Weight(TimeSpan passed) => constant <= TimeSpan.Zero ? 1 : 1 - Math.Exp(-passed / constant);
}
