using ActionStream.Core.Configuration;
using ActionStream.Core.Modelling;
using ActionStream.Publish.Events;

namespace ActionStream.Unit.Publish.Events;

public sealed class EventOptionsTests
{
    private static readonly ModelOutput Nothing = new() { Background = "nothing" };

    private static readonly ModelCard Card = new()
    {
        Name = "toy",
        Labels = ["walk", "Fall floor", "nothing"],
        Output = new() { Background = "nothing" },
    };

    [Fact]
    public void The_defaults_are_fine()
    {
        var check = new ConfigCheck("a.yaml");
        new EventOptions().Check(check);
        new EventOptions().CheckLabels(check, Card);
        Assert.Empty(check.Problems);
    }

    [Fact]
    public void Every_problem_is_reported_at_once()
    {
        var check = new ConfigCheck("a.yaml");
        var options = new EventOptions
        {
            Enter = 1.5,
            Leave = 0.9,
            TopK = 0,
            Scores = "sometimes",
            UpdateEvery = TimeSpan.FromDays(1),
            Labels = ["wlak", "nothing"],
            Classes = new Dictionary<string, ClassOptions> { ["fall_floor"] = new() { Leave = 0.99, Enter = 0.5 }, ["jump"] = new() },
        };
        options.Check(check);
        options.CheckLabels(check, Card);

        Assert.Equal(
            [
                "a.yaml:1: enter is 1.5; expected above 0, up to 1",
                "a.yaml:1: update_every is 1d; expected 0ms to 1h",
                "a.yaml:1: top_k is 0; expected 1 to 20",
                "a.yaml:1: scores is sometimes; expected off, every, or a duration such as 1s",
                "a.yaml:1: classes.fall_floor.leave is 0.99; expected 0 to 0.5 (enter)",
                "a.yaml:1: classes.jump.enter is 1.5; expected above 0, up to 1",
                "a.yaml:1: labels.0 is not a label of model toy; did you mean walk?",
                "a.yaml:1: labels.1 is the background of model toy and never makes events; leave it out",
                "a.yaml:1: classes.jump is not a label of model toy; it knows walk, Fall floor, nothing",
            ],
            check.Problems.Select(problem => problem.ToString()));
    }

    [Fact]
    public void A_class_takes_its_own_rules_and_the_rest_from_the_defaults()
    {
        var options = new EventOptions { Classes = new Dictionary<string, ClassOptions> { ["fall_floor"] = new() { Enter = 0.3 } } };
        var rules = options.RulesFor("Fall floor", Nothing)!;
        Assert.Equal((0.3, 0.3, options.MergeGap), (rules.Enter, rules.Leave, rules.MergeGap));
        Assert.Equal(0.6, options.RulesFor("walk", Nothing)!.Enter);
    }

    [Fact]
    public void The_models_own_thresholds_go_before_what_suits_all_and_behind_what_a_class_is_told()
    {
        var measured = new ModelOutput
        {
            Background = "nothing",
            Enter = new Dictionary<string, double> { ["fall"] = 0.3, ["walk"] = 0.9 },
        };
        var options = new EventOptions { Classes = new Dictionary<string, ClassOptions> { ["walk"] = new() { Enter = 0.5 } } };

        var (fall, walk, wave) =
            (options.RulesFor("fall", measured)!, options.RulesFor("walk", measured)!, options.RulesFor("wave", measured)!);
        Assert.Equal((0.3, 0.2), (fall.Enter, Math.Round(fall.Leave, 9)));
        Assert.Equal((0.5, 0.4), (walk.Enter, walk.Leave));
        Assert.Equal((0.6, 0.4), (wave.Enter, wave.Leave));
    }

    [Fact]
    public void Background_and_classes_not_asked_for_make_no_events()
    {
        Assert.Null(new EventOptions().RulesFor("nothing", Nothing));
        Assert.Null(new EventOptions { Labels = ["walk"] }.RulesFor("Fall floor", Nothing));
        Assert.Null(new EventOptions { Classes = new Dictionary<string, ClassOptions> { ["walk"] = new() { Enabled = false } } }
            .RulesFor("walk", Nothing));
    }

    [Theory]
    [InlineData("off", null)]
    [InlineData("every", 0.0)]
    [InlineData("1.5s", 1.5)]
    public void Scores_are_published_never_always_or_now_and_then(string scores, double? seconds) =>
        Assert.Equal(seconds, new EventOptions { Scores = scores }.ScoresEvery?.TotalSeconds);
}
