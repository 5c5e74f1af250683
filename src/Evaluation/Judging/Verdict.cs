namespace ActionStream.Evaluation.Judging;

/// <summary>One clip, or one segment of it, judged.</summary>
/// <param name="GroundTruth">Index of the model's label.</param>
/// <param name="Scores">[K], the mean over its windows.</param>
/// <param name="Windows">Windows that spoke for it.</param>
/// <param name="Segment">In which part of the clip; null for all that is labelled so.</param>
internal sealed record Verdict(string File, int GroundTruth, double[] Scores, int Windows, bool IsPadded, Segment? Segment)
{
    /// <summary>Indices of the labels, best first; of equal scores the earlier label.</summary>
    public IReadOnlyList<int> Ranking { get; } = [.. Enumerable.Range(0, Scores.Length).OrderByDescending(i => Scores[i]).ThenBy(i => i)];

    public int Predicted => Ranking[0];

    public bool IsAmong(int best) => Ranking.Take(best).Contains(GroundTruth);
}
