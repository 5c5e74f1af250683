using ActionStream.Inference.Scheduling;

namespace ActionStream.Unit.Inference.Scheduling;

public sealed class DegradationLevelsTests
{
    [Fact]
    public void The_least_important_give_way_first_and_key_cameras_are_never_paused()
    {
        var levels = DegradationLevels.For([Priority.Low, Priority.Normal, Priority.High]);

        Assert.All(levels[0].Values, hopMultiplier => Assert.Equal(1, hopMultiplier));
        foreach (var (before, after) in levels.Zip(levels.Skip(1)))
        {
            Assert.True(Given(after[Priority.Low]) >= Given(after[Priority.Normal])
                && Given(after[Priority.Normal]) >= Given(after[Priority.High]));
            Assert.All(after, pair => Assert.True(Given(pair.Value) >= Given(before[pair.Key]))); // no rung takes anything back
            Assert.Contains(after, pair => pair.Value != before[pair.Key]);
        }

        Assert.Equal((0, 0, 8), (levels[^1][Priority.Low], levels[^1][Priority.Normal], levels[^1][Priority.High]));
    }

    [Theory]
    [InlineData(Priority.Low)]
    [InlineData(Priority.Normal)]
    [InlineData(Priority.High)]
    public void Where_all_are_equal_all_are_stretched_and_none_is_paused(Priority priority)
    {
        var levels = DegradationLevels.For([priority, priority]);
        Assert.Equal([1, 2, 4, 8], levels.Select(level => level[priority]));
    }

    private static int Given(int hopMultiplier) => hopMultiplier == 0 ? int.MaxValue : hopMultiplier;
}

public sealed class LoadPolicyTests
{
    [Fact]
    public void Two_bad_seconds_climb_and_one_does_not()
    {
        var policy = new LoadPolicy(levels: 4);
        Assert.False(policy.Update(100, 10, 1));
        Assert.All(Enumerable.Range(0, LoadPolicy.Memory), _ => Assert.False(policy.Update(100, 0, 1)));
        Assert.False(policy.Update(100, 10, 1));
        Assert.True(policy.Update(100, 2, 1));
        Assert.Equal(1, policy.Level);
        Assert.False(policy.Update(100, 1, 1)); // a stray one is no overload
        Assert.False(policy.Update(100, 1, 1));
    }

    [Fact]
    public void A_lane_that_sheds_in_bursts_is_overloaded_too()
    {
        var policy = new LoadPolicy(levels: 4);
        Assert.Contains(true, Enumerable.Range(0, 6).Select(second => policy.Update(8, second % 3 == 0 ? 2 : 0, 1)));
    }

    [Fact]
    public void It_comes_down_one_rung_at_a_time_and_only_if_that_will_hold()
    {
        var policy = new LoadPolicy(levels: 4);
        for (var second = 0; second < 20; second++)
        {
            policy.Update(100, 50, 2);
        }

        Assert.Equal(3, policy.Level); // the last
        for (var second = 0; second < 60; second++)
        {
            Assert.False(policy.Update(100, 0, LoadPolicy.Comfortable + 0.01));
        }

        Assert.True(policy.Update(100, 0, LoadPolicy.Comfortable));
        Assert.Equal(2, policy.Level);
        Assert.Equal(LoadPolicy.Recovery, Enumerable.Range(1, 60).First(_ => policy.Update(100, 0, 0.1)));
    }

    [Fact]
    public void A_night_without_windows_is_no_overload()
    {
        var policy = new LoadPolicy(levels: 4);
        Assert.DoesNotContain(true, Enumerable.Range(0, 30).Select(_ => policy.Update(0, 0, 0)));
    }
}

public sealed class CapacityPlanTests
{
    private static readonly ModelCosts Cached = new(new([1], [Ms(2)]), new([1], [Ms(7)]));

    [Theory]
    [InlineData(1, 1)] // two grids of tubelets, one new tubelet each time
    [InlineData(2, 1)]
    [InlineData(3, 3)]
    [InlineData(4, 2)]
    [InlineData(16, 8)]
    [InlineData(64, 8)] // past the window's length nothing is shared, and no more is needed
    public void A_decision_costs_its_new_tubelets_and_the_head(int hop, int tubelets) =>
        Assert.Equal(2 + (7 * tubelets), new CapacityPlan(Cached, 2, 16, 2).CostOf(hop).TotalMilliseconds, 6);

    [Fact]
    public void Cameras_add_up_and_stretching_them_helps_as_much_as_the_head_weighs()
    {
        var plan = new CapacityPlan(Cached, Workers: 2, Frames: 16, Tubelet: 2);
        StreamDemand[] demands = [Demand("a", Priority.Low), Demand("b", Priority.High)];

        Assert.Equal(2 * 9 / 250.0 / 2, plan.Utilisation(demands), 6);
        Assert.Equal(
            ((2 + 14) / 500.0 + 9 / 250.0) / 2,
            plan.Utilisation(demands, new Dictionary<Priority, int> { [Priority.Low] = 2, [Priority.High] = 1 }), 6);
        Assert.Equal(
            9 / 250.0 / 2, plan.Utilisation(demands, new Dictionary<Priority, int> { [Priority.Low] = 0, [Priority.High] = 1 }), 6);
        Assert.Equal(44, plan.Cameras(2, Ms(125), 0.8)); // 0.8 · 2 · 250 / 9
    }

    private static StreamDemand Demand(string stream, Priority priority) => new(stream, 2, Ms(125), Ms(2000), priority);

    private static TimeSpan Ms(double ms) => TimeSpan.FromMilliseconds(ms);
}
