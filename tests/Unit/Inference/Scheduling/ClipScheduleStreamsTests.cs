using System.Diagnostics.Metrics;
using ActionStream.Core.Stages;
using ActionStream.Inference.Metrics;
using ActionStream.Inference.Scheduling;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Inference.Scheduling;

public sealed class ClipScheduleStreamsTests : IDisposable
{
    private readonly FakeClock _time = new();
    private readonly Meter _meter = new("actionstream");
    private readonly StageMeter _stage;
    private readonly ClipMaker _clips;
    private readonly ClipSchedule _schedule;

    public ClipScheduleStreamsTests()
    {
        (_stage, _clips) = (new(_meter, "inference"), new(_time));
        _schedule = new([Demand("front"), Demand("yard")], new(), new FakeModel(), _stage, new InferenceMeter(_meter, []), _time);
    }

    [Fact]
    public void A_stream_that_comes_later_is_served_like_the_others()
    {
        Offer("front");
        _schedule.Add(Demand("gate"));
        Offer("gate");

        Assert.Equal(["front", "gate"], [Take().Stream, Take().Stream]);
        Assert.Equal(["front", "yard", "gate"], _schedule.Demands.Select(demand => demand.Stream));
    }

    [Fact]
    public void A_stream_that_comes_after_hours_has_no_share_to_catch_up_on()
    {
        for (var i = 0; i < 1000; i++)
        {
            Offer("front", 2 * i);
            _schedule.Release(Take().Number);
        }

        _schedule.Add(Demand("gate"));
        Offer("front", 2000);
        _time.Advance(TimeSpan.FromMilliseconds(600)); // more urgent by more than a period
        Offer("gate");

        Assert.Equal("front", Take().Stream);
        Assert.Equal("gate", Take().Stream);
    }

    [Fact]
    public async Task A_stream_that_goes_sheds_what_waits_and_is_gone_when_nothing_of_it_is_under_way()
    {
        Offer("front", 0);
        Offer("yard", 0);
        var (_, number) = Take();
        Offer("front", 2);
        var gone = _schedule.RemoveAsync("front");

        Assert.False(gone.IsCompleted); // a worker has a window of it, and its tokens
        Assert.Equal(("stopped", 1L), Assert.Single(_stage.DroppedByReason));
        _schedule.Release(number);
        await gone.WaitAsync(TimeSpan.FromSeconds(10));

        Assert.Equal("yard", Take().Stream);
        Assert.Equal("yard", Assert.Single(_schedule.Demands).Stream);
    }

    [Fact]
    public void Its_name_may_be_used_again_and_counts_from_0()
    {
        Offer("front");
        _schedule.Release(Take().Number);
        Assert.True(_schedule.RemoveAsync("front").IsCompletedSuccessfully);
        _schedule.Add(Demand("front"));
        Offer("front");

        Assert.Equal(0, Take().Number.Window);
    }

    [Fact]
    public void A_window_of_a_stream_that_has_gone_is_shed_and_counted()
    {
        _ = _schedule.RemoveAsync("front");
        Offer("front");

        Assert.Equal(("stopped", 1L), Assert.Single(_stage.DroppedByReason));
        Assert.True(_schedule.RemoveAsync("never there").IsCompletedSuccessfully);
        _schedule.HopMultiplier("front", 2); // whoever had not heard yet
    }

    [Fact]
    public void Another_deadline_holds_for_windows_that_wait_already()
    {
        Offer("front");
        Offer("yard");
        _schedule.Change(Demand("yard") with { Deadline = TimeSpan.FromSeconds(1) });

        Assert.Equal("yard", Take().Stream);
    }

    public void Dispose()
    {
        _schedule.Clear();
        Assert.Equal(0, _clips.Pool.InUse);
        _clips.Dispose();
        _meter.Dispose();
    }

    private static StreamDemand Demand(string stream) => new(stream, 2, TimeSpan.FromMilliseconds(125), TimeSpan.FromSeconds(5));

    private void Offer(string stream, long index = 0) => _schedule.Offer(_clips.Make(stream, index));

    private (string Stream, SequenceNumber Number) Take()
    {
        Assert.True(_schedule.TryTake(default, out var clip, out var number, out _));
        using (clip)
        {
            return (clip.Stream, number);
        }
    }
}
