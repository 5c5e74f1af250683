using ActionStream.Core.Configuration;
using ActionStream.Core.Media;
using ActionStream.Core.Stages;
using ActionStream.Ingest.Quality;

namespace ActionStream.Unit.Ingest.Quality;

public sealed class QualityRulesTests
{
    private static readonly ClipQuality Clean = new(16, 0, TimeSpan.FromMilliseconds(125));

    private readonly QualityRules _rules = new(new());

    [Fact]
    public void By_default_real_pictures_pass_however_few_still_or_noisy()
    {
        Assert.Null(_rules.Skip(Clean));
        Assert.Null(_rules.Skip(Clean with { Held = 10 })); // three pictures a second where eight are wanted
        Assert.Null(_rules.Skip(Clean with { Duplicates = 15 }));
        Assert.Null(_rules.Skip(Clean with { Damaged = 7 }));
        Assert.Null(_rules.Skip(Clean with { Dark = 8 }));
    }

    [Fact]
    public void By_default_what_nobody_can_go_by_is_skipped_with_its_reason()
    {
        Assert.Equal(DropReason.Frozen, _rules.Skip(Clean with { Frozen = 16, Duplicates = 16 }));
        Assert.Equal(DropReason.Dark, _rules.Skip(Clean with { Dark = 9 }));
        Assert.Equal(DropReason.Corrupt, _rules.Skip(Clean with { Damaged = 8 }));
        Assert.Equal(DropReason.SceneChange, _rules.Skip(Clean with { Cuts = 1 }));
        Assert.Equal(DropReason.Gap, _rules.Skip(Clean with { Held = 12 }));
    }

    [Fact]
    public void What_weighs_most_gives_its_name()
    {
        Assert.Equal(DropReason.Corrupt, _rules.Skip(Clean with { Held = 7, Damaged = 6 }));
        Assert.Equal(DropReason.Gap, _rules.Skip(Clean with { Held = 9, Damaged = 4 }));
        Assert.Equal(DropReason.LowQuality, new QualityRules(new() { MinScore = 0.9 }).Skip(Clean with { Duplicates = 16 }));
    }

    [Fact]
    public void What_the_owner_keeps_is_given_to_the_model_and_is_no_fault_of_the_camera()
    {
        var rules = new QualityRules(new() { Dark = Treatment.Keep, SceneChange = Treatment.Keep });

        Assert.Null(rules.Skip(Clean with { Dark = 16, Duplicates = 15 }));
        Assert.Null(rules.Skip(Clean with { Cuts = 1 }));
        Assert.False(rules.Watched.HasFlag(FrameMarks.Dark));
        Assert.True(_rules.Watched.HasFlag(FrameMarks.Dark | FrameMarks.Frozen | FrameMarks.Damaged));
    }

    [Fact]
    public void A_score_of_nought_is_kept_where_nothing_is_asked_for() =>
        Assert.Null(new QualityRules(new() { MinScore = 0 }).Skip(Clean with { Frozen = 16 }));

    [Fact]
    public void Settings_out_of_range_are_named()
    {
        var check = new ConfigCheck("site.yaml", null);
        new QualityOptions { MinScore = 1.1, FrozenAfter = TimeSpan.FromMilliseconds(10), DamagedFor = TimeSpan.FromHours(1) }.Check(check);
        new QualityOptions { FrozenAfter = TimeSpan.Zero, MinScore = 0, DamagedFor = TimeSpan.Zero }.Check(check);

        Assert.Equal(3, check.Problems.Count);
    }
}
