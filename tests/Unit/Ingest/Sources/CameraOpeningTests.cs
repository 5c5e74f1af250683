using ActionStream.Ingest.Sources;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Ingest.Sources;

public sealed class CameraOpeningTests
{
    private readonly FakeClock _clock = new();
    private readonly ConnectLimiter _limiter;
    private Reachability _answer = Reachability.Answers;
    private int _asked;

    public CameraOpeningTests() => _limiter = new(_clock);

    [Fact]
    public async Task One_that_was_well_until_just_now_is_not_asked()
    {
        var camera = await SeenAsync();
        Assert.Equal(1, _asked); // when it was new
        await camera.EnterAsync(default);
        Assert.Equal(1, _asked);
    }

    [Theory]
    [InlineData(Reachability.Refused, SourceFault.Refused)]
    [InlineData(Reachability.Unreachable, SourceFault.Unreachable)]
    [InlineData(Reachability.Silent, SourceFault.Timeout)]
    public async Task One_that_is_dead_needs_no_turn(Reachability answer, SourceFault expected)
    {
        var (unseen, seen) = (Camera(), await SeenAsync());
        await FailAsync(seen);
        await FillAsync();
        _answer = answer;
        Assert.Equal(expected, await FaultAsync(unseen));
        Assert.Equal(expected, await FaultAsync(seen));
    }

    [Fact]
    public async Task A_silent_one_is_tried_in_earnest_every_third_time_by_the_share_of_the_dead()
    {
        var camera = Camera();
        _answer = Reachability.Silent;
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(SourceFault.Timeout, await FaultAsync(camera));
            Assert.Equal(SourceFault.Timeout, await FaultAsync(camera));
            await camera.EnterAsync(default);
            Assert.False(IsFree(OpeningRank.Dead));
            camera.Ended(hasOpened: false);
            Assert.False(IsFree(OpeningRank.Dead)); // nobody else of them yet
            _clock.Advance(ConnectLimiter.Longest);
        }
    }

    [Fact]
    public async Task One_that_is_back_goes_before_those_that_came_earlier()
    {
        var camera = await SeenAsync();
        await FailAsync(camera);
        _answer = Reachability.Refused;
        await FaultAsync(camera);
        _answer = Reachability.Answers;
        var turns = await FillAsync();
        var fresh = _limiter.EnterAsync(OpeningRank.New, default).AsTask();
        var back = camera.EnterAsync(default).AsTask();
        turns[0].Dispose();
        await back.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.False(fresh.IsCompleted);
    }

    [Fact]
    public async Task One_that_answers_in_vain_is_among_the_dead_and_not_asked_every_time()
    {
        var camera = Camera();
        await camera.EnterAsync(default);
        camera.Ended(hasOpened: false);
        using var dead = await _limiter.EnterAsync(OpeningRank.Dead, default);
        foreach (var asked in new[] { 1, 2, 2, 3 })
        {
            using var stop = new CancellationTokenSource();
            var entering = camera.EnterAsync(stop.Token).AsTask();
            Assert.False(entering.IsCompleted);
            Assert.Equal(asked, _asked);
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => entering);
            camera.Ended(hasOpened: false);
        }
    }

    [Theory]
    [InlineData(4, 61, false)]
    [InlineData(6, 59, false)]
    [InlineData(6, 61, true)]
    public async Task One_that_was_well_and_answers_in_vain_is_dead_after_five_tries_and_a_minute(int tries, int seconds, bool isDead)
    {
        var camera = await SeenAsync();
        await FailAsync(camera); // not asked, because it was well
        for (var i = 0; i < tries; i++)
        {
            await FailAsync(camera);
        }

        _clock.Advance(TimeSpan.FromSeconds(seconds));
        using var dead = await _limiter.EnterAsync(OpeningRank.Dead, default);
        using var stop = new CancellationTokenSource();
        var entering = camera.EnterAsync(stop.Token).AsTask();
        Assert.Equal(!isDead, entering.IsCompletedSuccessfully);
        await stop.CancelAsync();
        await Task.WhenAny(entering);
    }

    [Fact]
    public async Task What_this_machine_lacks_says_nothing_about_a_camera()
    {
        var (seen, unseen) = (await SeenAsync(), Camera());
        await seen.EnterAsync(default);
        seen.Ended(hasOpened: false, SourceFault.HostLimit);
        await unseen.EnterAsync(default);
        unseen.Ended(hasOpened: false, SourceFault.HostLimit);

        using var dead = await _limiter.EnterAsync(OpeningRank.Dead, default);
        var asked = _asked;
        await seen.EnterAsync(default); // which was well, and is not asked
        Assert.Equal(asked, _asked);
        await unseen.EnterAsync(default).AsTask().WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Where_nobody_can_be_asked_one_that_was_seen_is_no_dead_one()
    {
        var (seen, unseen) = (Camera(canBeAsked: false), Camera(canBeAsked: false));
        await seen.EnterAsync(default);
        seen.Opened();
        seen.Ended(hasOpened: true);
        await FailAsync(seen);
        unseen.Ended(hasOpened: false);
        using var dead = await _limiter.EnterAsync(OpeningRank.Dead, default);
        await seen.EnterAsync(default);
        Assert.False(unseen.EnterAsync(default).AsTask().IsCompleted);
    }

    private CameraOpening Camera(bool canBeAsked = true) => new(
        _limiter, canBeAsked ? _ =>
        {
            _asked++;
            return Task.FromResult(_answer);
        }
    : null, "rtsp://camera");

    /// <summary>One whose connection was lost just now.</summary>
    private async Task<CameraOpening> SeenAsync()
    {
        var camera = Camera();
        await camera.EnterAsync(default);
        camera.Opened();
        camera.Ended(hasOpened: true);
        return camera;
    }

    private static async Task FailAsync(CameraOpening camera)
    {
        await camera.EnterAsync(default).AsTask().WaitAsync(TimeSpan.FromSeconds(10));
        camera.Ended(hasOpened: false);
    }

    private static async Task<SourceFault> FaultAsync(CameraOpening camera)
    {
        var fault = (await Assert.ThrowsAsync<SourceException>(async () => await camera.EnterAsync(default))).Fault;
        camera.Ended(hasOpened: false);
        return fault;
    }

    private async Task<IDisposable[]> FillAsync() =>
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _limiter.EnterAsync(OpeningRank.Healthy, default).AsTask()));

    private bool IsFree(OpeningRank rank)
    {
        using var leaving = new CancellationTokenSource();
        var waiting = _limiter.EnterAsync(rank, leaving.Token).AsTask();
        leaving.Cancel();
        return waiting.IsCompletedSuccessfully;
    }
}
