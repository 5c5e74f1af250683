using ActionStream.Core.Modelling;

namespace ActionStream.Evaluation.Judging;

/// <summary>What `evaluate --json` says. Shares are 0 to 1; null where nothing could be counted.</summary>
/// <param name="Top1Interval">95 %, Wilson: [low, high].</param>
/// <param name="Confusion">{truth: {predicted: clips}}.</param>
/// <param name="Auc">Each label against the rest, by clip score.</param>
/// <param name="FalseEvents">Events in clips where nothing happens.</param>
/// <param name="Hours">Length of these clips.</param>
/// <param name="Quiet">These clips one by one.</param>
/// <param name="NotClips">Files among them that are no recordings.</param>
internal sealed record EvaluationAnswer(
    double? Top1,
    double[]? Top1Interval,
    double? Top5,
    int Judged,
    IReadOnlyDictionary<string, ClassResult> PerClass,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>> Confusion,
    IReadOnlyDictionary<string, double?> Auc,
    int FalseEvents,
    double Hours,
    long Windows,
    int Padded,
    int LeftOut,
    IReadOnlyDictionary<string, int> UnknownLabels,
    IReadOnlyList<Unjudged> Failed,
    IReadOnlyList<Unjudged> Unjudged,
    IReadOnlyList<NoVideo> NotClips,
    IReadOnlyList<QuietClip> Quiet,
    IReadOnlyList<JudgedClip> Clips,
    string Model,
    bool Trained,
    string Device,
    string Path)
{
    public static EvaluationAnswer Of(Findings found, IReadOnlyList<NoVideo> others, ModelCard card, string device, string path)
    {
        var table = new ClassTable(card.Labels, found.Verdicts);
        return new(
            Rounded(table.Top(1)), table.Top1Interval()?.Select(end => Math.Round(end, 4)).ToArray(), Rounded(table.Top(5)),
            found.Verdicts.Count, table.PerClass().ToDictionary(entry => entry.Key, entry =>
                entry.Value with { Recall = Rounded(entry.Value.Recall), Precision = Rounded(entry.Value.Precision) }),
            table.Confusion(),
            table.Aucs().ToDictionary(entry => entry.Key, entry => Rounded(entry.Value)),
            found.Quiet.Sum(clip => clip.Events.Count), Math.Round(found.Quiet.Sum(clip => clip.Seconds) / 3600, 6),
            found.Windows, found.Verdicts.Count(verdict => verdict.IsPadded), found.LeftOut, found.UnknownLabels, found.Failed,
            found.Unjudged, others, found.Quiet, [.. found.Verdicts.Select(verdict => JudgedClip.Of(verdict, card))],
            card.Name, card.Trained, device, path);
    }

    private static double? Rounded(double? share) => share is { } number ? Math.Round(number, 4) : null;
}

/// <summary>One clip as judged.</summary>
/// <param name="Label">What it shows, as the model calls it.</param>
/// <param name="Score">Of the predicted label.</param>
/// <param name="TrueScore">Of the true one.</param>
/// <param name="Windows">Windows that spoke for it.</param>
/// <param name="Segment">[start, end] in seconds where segments are judged one by one.</param>
internal sealed record JudgedClip(
    string File, string Label, string Predicted, double Score, double TrueScore, int Windows, bool Padded, double[]? Segment)
{
    public static JudgedClip Of(Verdict verdict, ModelCard card) => new(
        verdict.File, card.Labels[verdict.GroundTruth], card.Labels[verdict.Predicted],
        Math.Round(verdict.Scores[verdict.Predicted], 4), Math.Round(verdict.Scores[verdict.GroundTruth], 4),
        verdict.Windows, verdict.IsPadded, verdict.Segment is { } segment ? [segment.Start, segment.End] : null);
}
