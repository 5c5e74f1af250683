using ActionStream.Inference.Serving;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Inference.Serving;

public sealed class RunWatchTests
{
    private readonly FakeClock _time = new();
    private int _terminated;

    [Theory]
    [InlineData(20, 0, 30)]      // a hundred times 20 ms is less than a machine that swaps may need
    [InlineData(2000, 0, 200)]
    [InlineData(2000, 5, 5)]     // as set
    public void The_limit_is_generous_and_follows_the_cost(int expectedMs, int wanted, int limit) => Assert.Equal(
        TimeSpan.FromSeconds(limit), RunLimit.For(TimeSpan.FromMilliseconds(expectedMs), TimeSpan.FromSeconds(wanted)));

    [Fact]
    public void A_run_that_returns_in_time_is_nobodys_business()
    {
        var watch = Watch();
        Live(watch, TimeSpan.FromSeconds(90));
        for (var i = 0; i < 2; i++)
        {
            watch.Begin(1, TimeSpan.FromMilliseconds(20));
            Live(watch, RunLimit.Least);
            watch.End(1);
        }

        Assert.False(watch.Hung.IsCompleted);
    }

    [Fact]
    public void A_process_that_stood_still_in_the_middle_of_a_run_has_not_waited_for_it()
    {
        var watch = Watch();
        watch.Begin(1, TimeSpan.FromMilliseconds(20));
        for (var i = 0; i < 5; i++) // stopped and continued, again and again
        {
            _time.Advance(TimeSpan.FromMinutes(5));
            watch.Look();
            watch.Look();
        }

        Assert.False(watch.Hung.IsCompleted);
        Live(watch, RunLimit.Least - TimeSpan.FromSeconds(5.5)); // each pause counts for a second
        Assert.False(watch.Hung.IsCompleted);
        Live(watch, TimeSpan.FromSeconds(1.5));
        Assert.True(watch.Hung.IsCompleted);
    }

    [Fact]
    public void One_late_look_alone_says_nothing()
    {
        var watch = Watch();
        watch.Begin(1, TimeSpan.FromMilliseconds(20));
        Live(watch, RunLimit.Least + TimeSpan.FromSeconds(0.5));
        Assert.False(watch.Hung.IsCompleted);
        watch.End(1);
        watch.Begin(1, TimeSpan.FromMilliseconds(20));
        Live(watch, TimeSpan.FromSeconds(1));
        Assert.False(watch.Hung.IsCompleted);
    }

    [Fact]
    public async Task Who_is_to_stop_waits_a_few_seconds_for_a_run_and_not_its_limit()
    {
        var watch = Watch();
        var watching = watch.RunAsync(CancellationToken.None);
        watch.Begin(1, TimeSpan.FromMilliseconds(20));
        var start = _time.GetTimestamp();
        watch.Hurry(TimeSpan.FromSeconds(4), RunWatch.Grace);
        await StepAsync(() => watching.IsCompleted);
        Assert.InRange(_time.GetElapsedTime(start).TotalSeconds, 4, 25);
        Assert.True(watch.Abandoned.IsCompleted);
        Assert.Contains("for the service is to stop", (await watch.Hung).Message, StringComparison.Ordinal);
        Assert.Equal(1, _terminated);
    }

    [Fact]
    public async Task Runs_that_follow_each_other_while_it_drains_are_not_cut_off()
    {
        using var done = new CancellationTokenSource();
        var watch = Watch();
        var watching = watch.RunAsync(done.Token);
        watch.Hurry(TimeSpan.FromSeconds(4), RunWatch.Grace);
        var (start, begun) = (_time.GetTimestamp(), 0L);
        await StepAsync(() =>
        {
            if (_time.GetElapsedTime(begun) >= TimeSpan.FromSeconds(2))
            {
                watch.End(1);
                watch.Begin(1, TimeSpan.FromMilliseconds(20));
                begun = _time.GetTimestamp();
            }

            return _time.GetElapsedTime(start) > TimeSpan.FromSeconds(20);
        });
        await done.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);
        Assert.Equal((0, false), (_terminated, watch.Hung.IsCompleted));
    }

    [Fact]
    public async Task A_run_that_is_cut_off_by_a_stop_and_ends_leaves_nothing_to_complain_about()
    {
        using var done = new CancellationTokenSource();
        var watch = Watch(watch => watch.End(1));
        var watching = watch.RunAsync(done.Token);
        watch.Begin(1, TimeSpan.FromMilliseconds(20));
        watch.Hurry(TimeSpan.FromSeconds(4), RunWatch.Grace);
        await StepAsync(() => _terminated == 1);
        await done.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);
        Assert.Equal((false, false), (watch.Hung.IsCompleted, watch.Abandoned.IsCompleted));
    }

    [Fact]
    public async Task A_run_that_never_returns_is_asked_to_end_and_then_given_up()
    {
        var watch = Watch();
        var watching = watch.RunAsync(CancellationToken.None);
        watch.Begin(1, TimeSpan.FromMilliseconds(20));
        await StepAsync(() => watch.Hung.IsCompleted);
        Assert.Equal("a run of the model on cuda:0 has not returned for 31 s", (await watch.Hung).Message.Split(';')[0]);
        await StepAsync(() => watching.IsCompleted);
        Assert.True(watch.Abandoned.IsCompleted);
        Assert.Equal(1, _terminated);
    }

    [Fact]
    public async Task One_that_ends_when_it_is_asked_to_is_not_given_up()
    {
        var watch = Watch(watch => watch.End(0));
        var watching = watch.RunAsync(CancellationToken.None);
        watch.Begin(0, TimeSpan.FromMilliseconds(20));
        await StepAsync(() => watching.IsCompleted);
        Assert.True(watch.Hung.IsCompleted);
        Assert.False(watch.Abandoned.IsCompleted);
    }

    private RunWatch Watch(Action<RunWatch>? onTerminate = null)
    {
        RunWatch watch = null!;
        watch = new(2, TimeSpan.Zero, () =>
        {
            _terminated++;
            onTerminate?.Invoke(watch);
        }, () => "cuda:0", _time);
        return watch;
    }

    private void Live(RunWatch watch, TimeSpan span)
    {
        for (var lived = TimeSpan.Zero; lived < span; lived += TimeSpan.FromSeconds(0.5))
        {
            _time.Advance(TimeSpan.FromSeconds(0.5));
            watch.Look();
        }
    }

    // The timer's continuation runs on the pool: the clock must not run away from it.
    private async Task StepAsync(Func<bool> isDone)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!isDone())
        {
            _time.Advance(TimeSpan.FromSeconds(0.5));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, limit.Token);
        }
    }
}
