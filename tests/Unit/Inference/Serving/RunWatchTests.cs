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
        watch.Begin(1, TimeSpan.FromMilliseconds(20));
        _time.Advance(RunLimit.Least);
        watch.Look();
        watch.End(1);
        _time.Advance(RunLimit.Least);
        watch.Look();
        Assert.False(watch.Hung.IsCompleted);
    }

    [Fact]
    public async Task A_run_that_never_returns_is_asked_to_end_and_then_given_up()
    {
        var watch = Watch();
        var watching = watch.RunAsync(CancellationToken.None);
        watch.Begin(1, TimeSpan.FromMilliseconds(20));
        await StepAsync(() => watch.Hung.IsCompleted);
        Assert.Equal("a run of the model on cuda:0 has not returned for 30 s", (await watch.Hung).Message.Split(';')[0]);
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
