using ActionStream.Evaluation.Judging;

namespace ActionStream.Unit.Evaluation.Judging;

public sealed class ClassTableTests
{
    private static readonly string[] Labels = ["walk", "run", "fall", "idle"];

    // walk: two right, one taken for run; run: right; fall: taken for walk.
    private static readonly ClassTable Table = new(
        Labels,
        [
            Verdict(0, 0.7, 0.1, 0.1, 0.1), Verdict(0, 0.6, 0.2, 0.1, 0.1), Verdict(0, 0.3, 0.5, 0.1, 0.1),
            Verdict(1, 0.2, 0.6, 0.1, 0.1), Verdict(2, 0.5, 0.1, 0.3, 0.1),
        ]);

    [Fact]
    public void Top_n_counts_truths_among_the_best()
    {
        Assert.Equal(0.6, Table.Top(1)!.Value, 12);
        Assert.Equal(1, Table.Top(2)!.Value, 12);
        Assert.Equal(Wilson.Interval(3, 5), Table.Top1Interval());
    }

    [Fact]
    public void Recall_is_of_what_is_shown_and_precision_of_what_is_said()
    {
        var classes = Table.PerClass();
        Assert.Equal(["walk", "run", "fall"], classes.Keys); // idle neither occurs nor was said
        Assert.Equal(new ClassResult(3, 2.0 / 3, 2.0 / 3), classes["walk"]);
        Assert.Equal(new ClassResult(1, 1, 0.5), classes["run"]);
        Assert.Equal(new ClassResult(1, 0, null), classes["fall"]);
    }

    [Fact]
    public void Confusion_says_what_was_taken_for_what()
    {
        var confusion = Table.Confusion();
        Assert.Equal(["walk", "run", "fall"], confusion.Keys);
        Assert.Equal(new Dictionary<string, int> { ["walk"] = 2, ["run"] = 1 }, confusion["walk"]);
        Assert.Equal(new Dictionary<string, int> { ["walk"] = 1 }, confusion["fall"]);
        Assert.Equal(5, confusion.Values.Sum(row => row.Values.Sum()));
    }

    [Fact]
    public void Auc_is_each_label_against_the_rest()
    {
        var aucs = Table.Aucs();
        Assert.Equal(1, aucs["fall"]!.Value, 12); // the only fall has the highest score for it
        Assert.Equal(5.0 / 6, aucs["walk"]!.Value, 12);
        Assert.Null(aucs["idle"]);
    }

    [Fact]
    public void Of_equal_scores_the_earlier_label_is_taken() => Assert.Equal([1, 3, 0, 2], Verdict(0, 0.1, 0.4, 0.1, 0.4).Ranking);

    [Fact]
    public void Nothing_judged_has_no_shares()
    {
        var empty = new ClassTable(Labels, []);
        Assert.Null(empty.Top(1));
        Assert.Null(empty.Top1Interval());
        Assert.Empty(empty.PerClass());
    }

    private static Verdict Verdict(int truth, params double[] scores) => new("clip", truth, scores, 1, false, null);
}
