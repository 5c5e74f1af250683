using System.Runtime.CompilerServices;
using ActionStream.Core.Media;
using ActionStream.Ingest.Sources;
using ActionStream.Unit.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionStream.Unit.Ingest.Sources;

public sealed class ConnectLimiterTests : IConnectionObserver, IDisposable
{
    private readonly FakeClock _clock = new();
    private readonly PixelPool _pool = new();

    public void Dispose() => _pool.Dispose();

    /// <summary>All were well; then the switch is away for half a minute. Each takes 1.5 s to open, and eight never say
    /// anything again.</summary>
    /// <param name="vain">Seconds for which their recorder answers and has no stream yet.</param>
    [Theory]
    [InlineData(0)]
    [InlineData(30)]
    public async Task Sixty_four_cameras_that_return_at_once_open_four_at_a_time_within_a_minute_and_silent_ones_hold_up_nobody(int vain)
    {
        const int Cameras = 64;
        const int Mute = 8;
        var limiter = new ConnectLimiter(_clock);
        var (opening, most, back, isThere, hasStreams, isFirst) = (0, 0, 0, true, true, true);

        async IAsyncEnumerable<Frame> PlayAsync(int camera, int epoch, [EnumeratorCancellation] CancellationToken cancel)
        {
            if (!isThere)
            {
                throw new SourceException(SourceFault.Unreachable, "away"); // whom nobody could ask before
            }

            if (!hasStreams)
            {
                await Task.Delay(TimeSpan.FromSeconds(0.3), _clock, cancel);
                throw new SourceException(SourceFault.NotFound, "not yet");
            }

            if (!isFirst)
            {
                most = Math.Max(most, Interlocked.Increment(ref opening));
                try
                {
                    await Task.Delay(camera < Mute ? ConnectLimiter.Longest : TimeSpan.FromSeconds(1.5), _clock, cancel);
                }
                finally
                {
                    Interlocked.Decrement(ref opening);
                }

                await Task.Delay(camera < Mute ? TimeSpan.FromSeconds(8) : TimeSpan.Zero, _clock, cancel);
                if (camera < Mute)
                {
                    throw new SourceException(SourceFault.Timeout, "silent");
                }

                Interlocked.Increment(ref back);
            }

            yield return ScriptedSource.Frame(_pool, epoch, TimeSpan.Zero);
            while (isThere)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), _clock, cancel);
            }

            throw new SourceException(SourceFault.Stalled, "away");
        }

        using var stop = new CancellationTokenSource();
        var running = Enumerable.Range(0, Cameras).Select(camera => RunAsync(
            new ReconnectingSource(
                new ScriptedSource((epoch, cancel) => PlayAsync(camera, epoch, cancel)), ReconnectingSource.CameraBackoff, false, this,
                _clock, new Random(camera), NullLogger<ReconnectingSource>.Instance, opening: new(
                    limiter, _ => Task.FromResult(isThere ? Reachability.Answers : Reachability.Unreachable), "")),
            stop.Token)).ToArray();
        await PassAsync(TimeSpan.FromSeconds(40));
        (isThere, hasStreams, isFirst) = (false, false, false);
        await PassAsync(TimeSpan.FromSeconds(30));
        isThere = true;
        await PassAsync(TimeSpan.FromSeconds(vain));
        hasStreams = true;
        var returnedAt = _clock.GetUtcNow();
        while (back < Cameras - Mute && _clock.GetUtcNow() - returnedAt < TimeSpan.FromMinutes(3))
        {
            await PassAsync(TimeSpan.FromSeconds(0.5));
        }

        Assert.Equal(4, most);
        Assert.Equal(Cameras - Mute, back);
        Assert.InRange((_clock.GetUtcNow() - returnedAt).TotalSeconds, (Cameras - Mute) / 4 * 1.5, 60);
        await stop.CancelAsync();
        await Task.WhenAll(running).WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Who_was_well_goes_first_and_the_dead_share_one_turn()
    {
        var limiter = new ConnectLimiter(_clock);
        var turns = new List<IDisposable>();
        foreach (var rank in new[] { OpeningRank.New, OpeningRank.New, OpeningRank.New, OpeningRank.Dead })
        {
            turns.Add(await limiter.EnterAsync(rank, default));
        }

        var dead = limiter.EnterAsync(OpeningRank.Dead, default).AsTask();
        var fresh = limiter.EnterAsync(OpeningRank.New, default).AsTask();
        var healthy = limiter.EnterAsync(OpeningRank.Healthy, default).AsTask();
        Assert.False(healthy.IsCompleted);

        turns[0].Dispose();
        turns[0].Dispose(); // as often as one likes
        await healthy.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.False(fresh.IsCompleted);
        turns[1].Dispose();
        await fresh.WaitAsync(TimeSpan.FromSeconds(10));
        turns[2].Dispose();
        Assert.False(dead.IsCompleted); // there is room, and not for them
        turns[3].Dispose();
        await dead.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task One_that_says_nothing_holds_its_turn_for_a_bounded_time()
    {
        var limiter = new ConnectLimiter(_clock, width: 1);
        await limiter.EnterAsync(OpeningRank.New, default);
        var next = limiter.EnterAsync(OpeningRank.New, default).AsTask();

        _clock.Advance(ConnectLimiter.Longest - TimeSpan.FromMilliseconds(1));
        Assert.False(next.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        await next.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_turn_may_be_over_before_it_is_given()
    {
        var limiter = new ConnectLimiter(new HastyClock(), width: 1);
        for (var i = 0; i < 3; i++)
        {
            await limiter.EnterAsync(OpeningRank.New, default).AsTask().WaitAsync(TimeSpan.FromSeconds(10));
        }
    }

    [Fact]
    public async Task Who_leaves_while_waiting_is_passed_over()
    {
        var limiter = new ConnectLimiter(_clock, width: 1);
        using var leaving = new CancellationTokenSource();
        var turn = await limiter.EnterAsync(OpeningRank.New, default);
        var left = limiter.EnterAsync(OpeningRank.New, leaving.Token).AsTask();
        var next = limiter.EnterAsync(OpeningRank.New, default).AsTask();

        await leaving.CancelAsync();
        turn.Dispose();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        await next.WaitAsync(TimeSpan.FromSeconds(10));
    }

    void IConnectionObserver.Connecting(int epoch)
    {
    }

    void IConnectionObserver.Lost(int epoch, SourceFault? fault)
    {
    }

    void IConnectionObserver.SwitchedOff()
    {
    }

    private static async Task RunAsync(ReconnectingSource source, CancellationToken stop)
    {
        try
        {
            await foreach (var frame in source.ReadAsync("cam", stop))
            {
                frame.Dispose();
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    // Turns are given on other threads: each step waits a little for them.
    private async Task PassAsync(TimeSpan time)
    {
        for (var step = TimeSpan.FromSeconds(0.1); time > TimeSpan.Zero; time -= step)
        {
            _clock.Advance(step);
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System);
        }
    }

    /// <summary>Its timers fire before those who made them can take a breath.</summary>
    private sealed class HastyClock : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new HastyTimer(callback, state);
            timer.Change(dueTime, period);
            return timer;
        }
    }

    private sealed class HastyTimer(TimerCallback callback, object? state) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                callback(state);
            }

            return true;
        }

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
