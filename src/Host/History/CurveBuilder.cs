using System.Text.Json;

namespace ActionStream.Host.History;

/// <summary>Puts blocks of the same model end to end.</summary>
internal sealed class CurveBuilder
{
    private readonly string _name;
    private readonly string _version;
    private readonly string _typed;
    private readonly string[] _labels;
    private readonly List<double> _times = [];
    private readonly List<double>?[] _scores;

    /// <param name="labels">The model's, as JSON.</param>
    /// <param name="wanted">One of them; null for all.</param>
    public CurveBuilder(string name, string version, string labels, string? wanted)
    {
        (_name, _version, _typed) = (name, version, labels);
        _labels = JsonSerializer.Deserialize<string[]>(labels) ?? [];
        _scores = [.. _labels.Select(label => wanted is null || wanted == label ? new List<double>() : null)];
    }

    public bool IsOf(string name, string version, string labels) => (name, version, labels) == (_name, _version, _typed);

    /// <returns>How many decisions were taken over.</returns>
    public int Add(ScoreBlock block, long from, long to, int most)
    {
        var before = _times.Count;
        for (var i = 0; i < block.At.Length && _times.Count - before < most; i++)
        {
            if (block.At[i] < from || block.At[i] > to)
            {
                continue;
            }

            _times.Add(block.At[i] / 1000.0);
            for (var label = 0; label < Math.Min(_labels.Length, block.Labels); label++)
            {
                _scores[label]?.Add(Math.Round(ScoreBlock.ToScore(block.Of(label)[i]), 3));
            }
        }

        return _times.Count - before;
    }

    public ScoreCurve Build() => new(
        _name, _version.Length > 0 ? _version : null, _times,
        _labels.Zip(_scores).Where(pair => pair.Second is not null)
            .ToDictionary(pair => pair.First, IReadOnlyList<double> (pair) => pair.Second!, StringComparer.Ordinal));
}
