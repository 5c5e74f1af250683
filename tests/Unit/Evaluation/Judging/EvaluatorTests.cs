using ActionStream.Core.Modelling;
using ActionStream.Evaluation.Judging;

namespace ActionStream.Unit.Evaluation.Judging;

public sealed class EvaluatorTests
{
    private static readonly LabelledVideo Clip = new(
        "a.mp4", "/a.mp4", "fall", [new("walk", 0, 1), new("fall", 1, 2), new("dance", 2, 3), new("fall", 4, 5)]);

    [Fact]
    public void A_clip_is_judged_within_the_segments_of_its_own_label()
    {
        var item = Assert.Single(Items(Clip, bySegment: false));
        Assert.Equal((1, null), (item.Label, item.Segment));
        Assert.Equal([new("fall", 1, 2), new("fall", 4, 5)], item.Within);
    }

    [Fact]
    public void A_clip_without_segments_of_its_label_is_judged_whole() =>
        Assert.Empty(Assert.Single(Items(Clip with { Segments = [new("walk", 0, 1)] }, bySegment: false)).Within);

    [Fact]
    public void By_segment_each_one_whose_label_the_model_knows_is_judged_alone()
    {
        var items = Items(Clip with { Label = "dance" }, bySegment: true).ToArray(); // also where the clip's own label is unknown
        Assert.Equal([0, 1, 1], items.Select(item => item.Label));
        Assert.All(items, item => Assert.Equal([item.Segment!], item.Within));
        Assert.Null(Assert.Single(Items(Clip with { Segments = [] }, bySegment: true)).Segment);
    }

    [Fact]
    public void A_label_that_the_model_does_not_know_is_not_judged() =>
        Assert.Empty(Items(Clip with { Label = "dance" }, bySegment: false));

    [Theory]
    [InlineData(1, 0.1, "", "it is one picture, and no recording")]
    [InlineData(6, 50, "gap", "its frames are 10.0 s apart, too far for a window: a time-lapse?")]
    [InlineData(6, 50, "", "its frames are 10.0 s apart, too far for a window: a time-lapse?")]
    [InlineData(50, 5, "dark", "no window could be judged: dark")]
    public void What_cannot_be_judged_says_why(long frames, double seconds, string skipped, string why) => Assert.Equal(why, Evaluator.Why(
        new(TimeSpan.FromSeconds(seconds), frames, 0, false, skipped.Length > 0 ? new() { [skipped] = 1L } : new Dictionary<string, long>())));

    private static IEnumerable<(int Label, Segment? Segment, IReadOnlyList<Segment> Within)> Items(LabelledVideo clip, bool bySegment) =>
        new Evaluator(null!, new LabelMapping(new ModelCard { Labels = ["walk", "fall"] }), -1, bySegment).Items(clip);
}
