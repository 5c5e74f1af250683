namespace ActionStream.Evaluation.Judging;

/// <summary>How one label fared.</summary>
/// <param name="N">Clips that show it.</param>
/// <param name="Recall">Share of these that were recognised; null without any.</param>
/// <param name="Precision">Share of what was called so that is so; null if nothing was.</param>
internal sealed record ClassResult(int N, double? Recall, double? Precision);

/// <summary>Counts verdicts: what was taken for what. Pure.</summary>
internal sealed class ClassTable(IReadOnlyList<string> labels, IReadOnlyList<Verdict> verdicts)
{
    /// <summary>Share of clips whose truth is among the best so many; null without clips.</summary>
    public double? Top(int best) => verdicts.Count == 0 ? null : (double)verdicts.Count(verdict => verdict.IsAmong(best)) / verdicts.Count;

    public double[]? Top1Interval() => Wilson.Interval(verdicts.Count(verdict => verdict.IsAmong(1)), verdicts.Count);

    /// <summary>Every label that occurs or was predicted, in the model's order.</summary>
    public IReadOnlyDictionary<string, ClassResult> PerClass() => Occurring().ToDictionary(
        i => labels[i],
        i =>
        {
            var (shown, called) = (verdicts.Count(verdict => verdict.GroundTruth == i), verdicts.Count(verdict => verdict.Predicted == i));
            var right = verdicts.Count(verdict => verdict.GroundTruth == i && verdict.Predicted == i);
            return new ClassResult(shown, Share(right, shown), Share(right, called));
        });

    /// <summary>{truth: {predicted: clips}}, without zeros.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>> Confusion() => verdicts
        .GroupBy(verdict => verdict.GroundTruth).OrderBy(row => row.Key)
        .ToDictionary(
            row => labels[row.Key],
            row => (IReadOnlyDictionary<string, int>)row.GroupBy(verdict => verdict.Predicted).OrderBy(cell => cell.Key)
                .ToDictionary(cell => labels[cell.Key], cell => cell.Count()));

    /// <summary>Each label against all others, by clip score; null where it does not occur, or nothing else does.</summary>
    public IReadOnlyDictionary<string, double?> Aucs() => Enumerable.Range(0, labels.Count).ToDictionary(
        i => labels[i], i => Auc.Of(verdicts.Select(verdict => (verdict.Scores[i], verdict.GroundTruth == i))));

    private IEnumerable<int> Occurring() =>
        verdicts.SelectMany(verdict => new[] { verdict.GroundTruth, verdict.Predicted }).Distinct().Order();

    private static double? Share(int part, int of) => of == 0 ? null : (double)part / of;
}
