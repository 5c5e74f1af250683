using ActionStream.Cli.Demo;
using ActionStream.Publish.Events;

namespace ActionStream.Unit.Cli.Demo;

public sealed class AgreementTests
{
    private static readonly DateTimeOffset Wall = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly Agreement _agreement = new(new([("idle", 0, 2), ("wave", 2, 4)]));

    [Fact]
    public void A_second_is_judged_by_the_window_whose_centre_is_nearest_to_its_middle()
    {
        // Windows of two seconds, four a second: the first centre is at 1.0.
        Assert.Null(_agreement.Take(Decision(end: 2.00, "wave")));
        Assert.Null(_agreement.Take(Decision(end: 2.25, "wave")));
        Assert.Null(_agreement.Take(Decision(end: 2.50, "idle"))); // centre 1.5
        Assert.Null(_agreement.Take(Decision(end: 2.75, "wave")));

        var second = _agreement.Take(Decision(end: 3.00, "idle"))!;
        Assert.Equal((1.5, "idle", "idle", true), (second.Position, second.GroundTruth, second.Top.Label, second.Agrees));
        Assert.Equal((1, 1), (_agreement.Agreed, _agreement.Judged));
    }

    [Fact]
    public void The_clip_begins_again_at_its_end_and_seconds_without_a_detection_are_not_judged()
    {
        foreach (var end in (double[])[3.5, 4.5, 6.5, 7.5, 8.5]) // those of seconds 0, 1 and 4 are missing
        {
            _agreement.Take(Decision(end, "wave"));
        }

        var last = _agreement.Finish()!; // centre 7.5 of a clip of 4 s
        Assert.Equal((3.5, "wave"), (last.Position, last.GroundTruth));
        Assert.Equal((4, 5), (_agreement.Agreed, _agreement.Judged)); // second 5 is the clip's second 1: idle
        Assert.Equal(0.8, _agreement.Share!.Value, 12);
        Assert.Null(_agreement.Finish());
    }

    [Fact]
    public void A_change_is_looked_for_at_the_windows_centre_not_at_its_end()
    {
        _agreement.Take(Decision(end: 2, "idle"));
        var moment = _agreement.Look(Decision(end: 2.9, "wave"));
        Assert.Equal((1.9, "idle", false), (moment.Position, moment.GroundTruth, moment.Agrees));
    }

    [Fact]
    public void Without_a_truth_nothing_is_judged()
    {
        var blind = new Agreement(new([]));
        blind.Take(Decision(end: 2, "idle"));
        Assert.Null(blind.Finish()!.GroundTruth);
        Assert.Null(blind.Share);
    }

    private static Decision Decision(double end, string label) => new(
        "demo", 0, Wall.AddSeconds(end - 2), Wall.AddSeconds(end), default, "cpu", [new(label, 0.9), new("other", 0.1)], [], default,
        TimeSpan.FromHours(1))
    { Presentation = TimeSpan.FromSeconds(end) };
}
