namespace ActionStream.Evaluation.Judging;

/// <summary>Area under the ROC curve: how often a clip that shows something scores higher than one that
/// does not. Equal scores count half.</summary>
internal static class Auc
{
    /// <summary>Null where one of the two kinds is missing.</summary>
    public static double? Of(IEnumerable<(double Score, bool IsPositive)> scores)
    {
        var (positives, negatives, wins) = (0L, 0L, 0.0);
        foreach (var equal in scores.GroupBy(one => one.Score).OrderBy(group => group.Key))
        {
            var (positive, negative) = (equal.LongCount(one => one.IsPositive), equal.LongCount(one => !one.IsPositive));
            wins += positive * (negatives + negative / 2.0);
            (positives, negatives) = (positives + positive, negatives + negative);
        }

        return positives == 0 || negatives == 0 ? null : wins / (positives * negatives);
    }
}
