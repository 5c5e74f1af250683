namespace ActionStream.EndToEnd.Measurements.Chaos;

/// <summary>A plan is worth its name only if it can be had again.</summary>
public sealed class ChaosPlanTests
{
    private static readonly TimeSpan Span = TimeSpan.FromMinutes(10);

    [Fact]
    public void The_same_seed_gives_the_same_plan_and_another_seed_another()
    {
        Assert.Equal(ChaosPlan.Draw(7, Span, 3), ChaosPlan.Draw(7, Span, 3));
        Assert.NotEqual(ChaosPlan.Draw(7, Span, 3), ChaosPlan.Draw(8, Span, 3));
    }

    [Fact]
    public void Every_kind_comes_and_all_are_over_in_time()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var plan = ChaosPlan.Draw(seed, Span, 3);
            Assert.Equal(Enum.GetValues<ChaosKind>(), plan.Select(action => action.Kind).Distinct().Order());
            Assert.All(plan, action => Assert.InRange(action.End, action.At, Span));
            Assert.All(plan, action => Assert.Equal(ChaosPlan.IsOfCamera(action.Kind), action.Target is not null));
        }
    }

    [Fact]
    public void Half_a_minute_is_enough_for_most_kinds() => Assert.All(
        Enumerable.Range(0, 100),
        seed => Assert.InRange(ChaosPlan.Draw(seed, TimeSpan.FromSeconds(30), 3).Select(action => action.Kind).Distinct().Count(), 14, 25));

    [Fact]
    public void Nothing_is_done_to_a_camera_before_the_last_thing_is_over()
    {
        var plan = ChaosPlan.Draw(3, Span, 2);
        foreach (var camera in plan.Where(action => action.Target is not null).GroupBy(action => action.Target))
        {
            Assert.All(camera.Zip(camera.Skip(1)), pair => Assert.True(pair.First.End < pair.Second.At, $"{pair.First}, {pair.Second}"));
        }
    }

    [Fact]
    public void What_cannot_be_done_here_is_left_out() => Assert.DoesNotContain(
        ChaosPlan.Draw(1, Span, 3, Enum.GetValues<ChaosKind>().Except([ChaosKind.FillDisk])),
        action => action.Kind == ChaosKind.FillDisk);
}
