using ActionStream.Ingest.Sources;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Ingest.Sources;

public sealed class CameraOpeningTests
{
    private readonly ConnectLimiter _limiter = new(new FakeClock());
    private Reachability _answer = Reachability.Answers;
    private int _asked;

    [Fact]
    public async Task Nobody_is_asked_while_there_is_room_for_new_ones_and_for_those_that_were_well()
    {
        var camera = Camera();
        (await camera.EnterAsync(default)).Dispose();
        camera.Ended(hasOpened: true);
        (await camera.EnterAsync(default)).Dispose();
        Assert.Equal(0, _asked);
    }

    [Fact]
    public async Task New_ones_that_have_to_wait_are_asked_and_the_refusing_need_no_turn()
    {
        var turns = Fill();
        _answer = Reachability.Refused;
        Assert.Equal(SourceFault.Refused, await FaultAsync(Camera()));
        _answer = Reachability.Answers;
        var waiting = Camera().EnterAsync(default).AsTask();
        Assert.False(waiting.IsCompleted);
        turns[0].Dispose();
        await waiting.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData(Reachability.Refused, SourceFault.Refused)]
    [InlineData(Reachability.Unreachable, SourceFault.Unreachable)]
    [InlineData(Reachability.Silent, SourceFault.Timeout)]
    public async Task One_that_could_not_be_opened_is_asked_before_it_is_tried_again(Reachability answer, SourceFault expected)
    {
        var camera = await FailedAsync();
        _answer = answer;
        Assert.Equal(expected, await FaultAsync(camera));
        Assert.Equal(1, _asked);
    }

    [Fact]
    public async Task A_silent_one_is_tried_in_earnest_every_third_time_by_the_share_of_the_dead()
    {
        var camera = await FailedAsync();
        _answer = Reachability.Silent;
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(SourceFault.Timeout, await FaultAsync(camera));
            Assert.Equal(SourceFault.Timeout, await FaultAsync(camera));
            using var turn = await camera.EnterAsync(default);
            Assert.Null(_limiter.TryEnter(OpeningRank.Dead));
            camera.Ended(hasOpened: false);
        }
    }

    [Fact]
    public async Task One_that_is_back_is_no_longer_among_the_dead_unless_it_answers_in_vain()
    {
        var camera = await FailedAsync();
        using var deadTurn = _limiter.TryEnter(OpeningRank.Dead);
        (await camera.EnterAsync(default)).Dispose();
        camera.Ended(hasOpened: false);
        Assert.False(camera.EnterAsync(default).AsTask().IsCompleted); // it answers, and it did so the last time

        var seen = Camera();
        (await seen.EnterAsync(default)).Dispose();
        seen.Ended(hasOpened: true);
        (await seen.EnterAsync(default)).Dispose();
        seen.Ended(hasOpened: false);
        _answer = Reachability.Refused;
        await FaultAsync(seen);
        _answer = Reachability.Answers;
        var turns = Fill();
        var fresh = _limiter.EnterAsync(OpeningRank.New, default).AsTask();
        var back = seen.EnterAsync(default).AsTask();
        turns[0].Dispose();
        await back.WaitAsync(TimeSpan.FromSeconds(10)); // before those who came earlier
        Assert.False(fresh.IsCompleted);
    }

    [Fact]
    public async Task Where_nobody_can_be_asked_one_that_was_seen_is_no_dead_one()
    {
        var (seen, unseen) = (Camera(canBeAsked: false), Camera(canBeAsked: false));
        (await seen.EnterAsync(default)).Dispose();
        seen.Ended(hasOpened: true);
        seen.Ended(hasOpened: false);
        unseen.Ended(hasOpened: false);
        using var deadTurn = _limiter.TryEnter(OpeningRank.Dead);
        (await seen.EnterAsync(default)).Dispose();
        Assert.False(unseen.EnterAsync(default).AsTask().IsCompleted);
    }

    private CameraOpening Camera(bool canBeAsked = true) => new(
        _limiter, canBeAsked ? _ =>
        {
            _asked++;
            return Task.FromResult(_answer);
        }
        : null, "rtsp://camera");

    private async Task<CameraOpening> FailedAsync()
    {
        var camera = Camera();
        (await camera.EnterAsync(default)).Dispose();
        camera.Ended(hasOpened: false);
        return camera;
    }

    private static async Task<SourceFault> FaultAsync(CameraOpening camera)
    {
        var fault = (await Assert.ThrowsAsync<SourceException>(async () => await camera.EnterAsync(default))).Fault;
        camera.Ended(hasOpened: false);
        return fault;
    }

    private List<IDisposable> Fill()
    {
        var turns = new List<IDisposable>();
        while (_limiter.TryEnter(OpeningRank.Healthy) is { } turn)
        {
            turns.Add(turn);
        }

        return turns;
    }
}
