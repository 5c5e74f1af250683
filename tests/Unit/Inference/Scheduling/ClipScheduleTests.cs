using System.Diagnostics.Metrics;
using System.Globalization;
using System.Threading.Channels;
using ActionStream.Core.Media;
using ActionStream.Core.Stages;
using ActionStream.Inference.Metrics;
using ActionStream.Inference.Scheduling;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Inference.Scheduling;

public sealed class ClipScheduleTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(125);

    private readonly FakeClock _time = new();
    private readonly Meter _meter = new("actionstream");
    private readonly StageMeter _stage;
    private readonly ClipMaker _clips;

    public ClipScheduleTests() => (_stage, _clips) = (new(_meter, "inference"), new(_time));

    public void Dispose()
    {
        Assert.Equal(0, _clips.Pool.InUse);
        _clips.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public void The_most_urgent_window_goes_first_whoever_asked_earlier()
    {
        var schedule = Of([Demand("patient", deadline: 5), Demand("urgent", deadline: 1)]);
        Offer(schedule, "patient");
        _time.Advance(Ms(100));
        Offer(schedule, "urgent");

        Assert.Equal(["urgent", "patient"], TakeAll(schedule).Select(taken => taken.Stream));
    }

    [Fact]
    public void What_cannot_be_done_by_its_deadline_is_shed_before_it_costs_anything()
    {
        var model = new FakeModel { Costs = new(new CostCurve([1], [Ms(100)])) };
        var schedule = Of([Demand("front", deadline: 1)], model: model);
        Offer(schedule, "front", 0);
        _time.Advance(Ms(899));
        Offer(schedule, "front", 2);
        _time.Advance(Ms(2)); // the first would be done at 1.001 s

        Assert.Equal([2L], TakeAll(schedule).Select(taken => taken.Index));
        Assert.Equal(("deadline", 1L), Assert.Single(_stage.DroppedByReason));
        Assert.Equal((2, 1), schedule.Load);
    }

    [Fact]
    public void A_window_that_its_camera_sent_late_is_not_late_here()
    {
        var schedule = Of([Demand("front", deadline: 1)]);
        Offer(schedule, "front", 0, delay: TimeSpan.FromMinutes(5)); // the network held it back, or its clock is wrong

        Assert.Single(TakeAll(schedule));
        Assert.Equal((1L, 0L), schedule.Load);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void A_wall_clock_that_is_set_by_an_hour_makes_no_window_late_or_early(int hours)
    {
        var schedule = Of([Demand("front", deadline: 1)]);
        Offer(schedule, "front", 0);
        _time.SetWall(TimeSpan.FromHours(hours));
        Assert.Single(TakeAll(schedule));

        Offer(schedule, "front", 2);
        _time.SetWall(TimeSpan.FromHours(-hours));
        _time.Advance(TimeSpan.FromSeconds(1.1));
        Assert.Empty(TakeAll(schedule));
    }

    [Fact]
    public void A_burst_is_the_camera_s_doing_and_not_too_much_work()
    {
        var schedule = Of([Demand("bursts")]);
        foreach (var index in (long[])[0, 2, 4, 6, 8])
        {
            Offer(schedule, "bursts", index);
        }

        Assert.Equal([4L, 6, 8], TakeAll(schedule).Select(taken => taken.Index)); // as many as may wait, and all of them
        Assert.Equal(("burst", 2L), Assert.Single(_stage.DroppedByReason));
        Assert.Equal((5L, 0L), schedule.Load);
    }

    [Fact]
    public async Task What_a_camera_goes_back_to_when_it_wakes_is_late_for_no_deadline_and_none_of_it_is_shed_as_a_burst()
    {
        var schedule = Of([Demand("woken", deadline: 2)]);
        Offer(schedule, "woken", 0, slept: TimeSpan.FromSeconds(5));
        Offer(schedule, "woken", 2, slept: TimeSpan.FromSeconds(4));
        Offer(schedule, "woken", 4, slept: TimeSpan.FromSeconds(3));
        var fourth = schedule.WriteAsync(_clips.Make("woken", 6, slept: TimeSpan.FromSeconds(1)), default).AsTask();
        Assert.False(fourth.IsCompleted); // its camera waits, and nothing is lost
        _time.Advance(4 * Interval);

        var first = Take(schedule)!.Value;
        schedule.Release(first.Number);
        await fourth.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal([0L, 2, 4, 6], TakeAll(schedule).Select(taken => taken.Index).Prepend(first.Index));
        Assert.Empty(_stage.DroppedByReason);

        Offer(schedule, "woken", 8, slept: TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(2.1)); // since it was ready
        Assert.Empty(TakeAll(schedule));
        Assert.Equal(("deadline", 1L), Assert.Single(_stage.DroppedByReason));
    }

    [Fact]
    public void A_stream_that_is_behind_shows_its_newest_window_and_one_that_is_not_loses_nothing()
    {
        var schedule = Of([Demand("behind"), Demand("busy")]);
        foreach (var index in (long[])[0, 2, 4, 6, 8])
        {
            Offer(schedule, "behind", index);
            _time.Advance(2 * Interval);
        }

        Offer(schedule, "busy", 0);
        Offer(schedule, "busy", 2);

        var all = TakeAll(schedule);
        Assert.Equal([8L], all.Where(taken => taken.Stream == "behind").Select(taken => taken.Index));
        Assert.Equal([0L, 2], all.Where(taken => taken.Stream == "busy").Select(taken => taken.Index));
        Assert.Equal(("queue_full", 4L), Assert.Single(_stage.DroppedByReason));
    }

    [Fact]
    public void Windows_that_share_tokens_are_worked_on_one_after_the_other()
    {
        var schedule = Of([Demand("front"), Demand("yard")]);
        Offer(schedule, "front", 0);
        Offer(schedule, "front", 2);
        Offer(schedule, "yard", 0);

        var (first, second) = (Take(schedule)!.Value, Take(schedule)!.Value);
        Assert.Equal(["front", "yard"], new[] { first.Stream, second.Stream });
        Assert.Null(Take(schedule));
        schedule.Release(second.Number);
        Assert.Null(Take(schedule));
        schedule.Release(first.Number);
        Assert.Equal(("front", 2L), (Take(schedule)!.Value is var third ? (third.Stream, third.Index) : default));
    }

    /// <summary>Four times more work than one worker can do: every camera must still get its share.</summary>
    [Theory]
    [InlineData(8, 2, 2)]
    [InlineData(8, 2, 8)]
    [InlineData(5, 1, 4)]
    [InlineData(16, 2, 2)]
    public void With_too_much_work_every_stream_gets_its_share_whatever_the_phases(int cameras, int hop, int otherHop)
    {
        var demands = Enumerable.Range(0, cameras)
            .Select(i => Demand(string.Create(CultureInfo.InvariantCulture, $"cam{i:00}"), deadline: 2, hop: i % 2 == 0 ? hop : otherHop))
            .ToList();
        var asked = demands.Sum(demand => 1 / demand.Period.TotalSeconds);
        var service = TimeSpan.FromSeconds(4 / asked);
        var schedule = Of(demands, model: new() { Costs = new(new CostCurve([1], [service])) });
        var served = demands.ToDictionary(demand => demand.Stream, _ => 0.0);
        var ages = new List<TimeSpan>();

        var due = new PriorityQueue<(StreamDemand Demand, long Index), TimeSpan>();
        foreach (var (i, demand) in demands.Index())
        {
            due.Enqueue((demand, 0), demand.Period * i / cameras);
        }

        (Taken Taken, TimeSpan Until)? running = null;
        for (var now = TimeSpan.Zero; now < TimeSpan.FromSeconds(200); now += Ms(5), _time.Advance(Ms(5)))
        {
            while (due.TryPeek(out var next, out var at) && at <= now)
            {
                due.Dequeue();
                due.Enqueue((next.Demand, next.Index + next.Demand.Hop), at + next.Demand.Period);
                Offer(schedule, next.Demand.Stream, next.Index);
            }

            if (running is { } done && done.Until <= now)
            {
                ages.Add(_time.GetElapsedTime(done.Taken.ArrivedAt));
                served[done.Taken.Stream] += demands.Single(demand => demand.Stream == done.Taken.Stream).Period.TotalSeconds;
                schedule.Release(done.Taken.Number);
                running = null;
            }

            if (running is null && Take(schedule) is { } taken)
            {
                running = (taken, now + service);
            }
        }

        Assert.True(
            served.Values.Min() >= 0.9 * served.Values.Average(), string.Join(" ", served.Select(pair => $"{pair.Key}:{pair.Value:0.0}")));
        Assert.True(ages.Max() <= TimeSpan.FromSeconds(2) + Ms(10), $"{ages.Max()}"); // the deadline, and the simulation's step
        schedule.Clear();
    }

    [Fact]
    public void Who_was_silent_has_saved_nothing_up()
    {
        var schedule = Of([Demand("steady"), Demand("back")]);
        for (var i = 0; i < 20; i++)
        {
            Offer(schedule, "steady", i * 2);
            schedule.Release(Take(schedule)!.Value.Number);
        }

        var order = new List<string>();
        for (var i = 0; i < 6; i++)
        {
            Offer(schedule, "steady", 100 + (i * 2));
            Offer(schedule, "back", i * 2);
            var taken = Take(schedule)!.Value;
            order.Add(taken.Stream);
            schedule.Release(taken.Number);
        }

        Assert.InRange(order.Count(stream => stream == "steady"), 2, 4);
        schedule.Clear();
    }

    [Fact]
    public void A_stream_with_a_longer_hop_takes_in_every_nth_window_of_the_grid_and_a_paused_one_none()
    {
        var schedule = Of([Demand("front", deadline: 0)]);
        List<long> Through(int hopMultiplier)
        {
            schedule.HopMultiplier("front", hopMultiplier);
            var indices = new List<long>();
            for (var window = 10; window < 18; window++)
            {
                Offer(schedule, "front", window * 2);
                indices.AddRange(TakeAll(schedule).Select(taken => taken.Index / 2));
            }

            return indices;
        }

        Assert.Equal([12L, 16], Through(4));
        Assert.Empty(Through(0));
        Assert.Equal([10L, 11, 12, 13, 14, 15, 16, 17], Through(1));
        Assert.Equal(("load_shed", 14L), Assert.Single(_stage.DroppedByReason));
        Assert.Equal(0, schedule.Load.Late);
    }

    [Fact]
    public async Task A_recording_waits_for_room_and_loses_nothing()
    {
        var schedule = Of([Demand("file", deadline: 1)], new(Waiting: 2, Sheds: false));
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++)
            {
                await schedule.WriteAsync(_clips.Make("file", i), CancellationToken.None);
            }

            schedule.Complete();
        });

        var read = new List<long>();
        while (await schedule.WaitToTakeAsync(default))
        {
            _time.Advance(TimeSpan.FromSeconds(5)); // slower than any deadline
            var taken = Take(schedule)!.Value;
            read.Add(taken.Index);
            schedule.Release(taken.Number);
        }

        await writing;
        Assert.Equal(Enumerable.Range(0, 50).Select(i => (long)i), read);
        Assert.Equal(0, _stage.DroppedCount);
    }

    [Fact]
    public async Task The_end_comes_after_the_last_window_and_a_fault_is_passed_on()
    {
        var schedule = Of([Demand("front")]);
        Offer(schedule, "front");
        schedule.Complete();
        await Assert.ThrowsAsync<ChannelClosedException>(() => schedule.WriteAsync(_clips.Make("front"), default).AsTask());
        Assert.True(await schedule.WaitToTakeAsync(default));
        Take(schedule);
        Assert.False(await schedule.WaitToTakeAsync(default));

        var broken = Of([Demand("front")]);
        var waiting = broken.WaitToTakeAsync(default).AsTask();
        broken.Complete(new InvalidOperationException("a bug"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => waiting);
    }

    [Fact]
    public async Task A_worker_that_gave_up_waiting_does_not_swallow_the_news()
    {
        var schedule = Of([Demand("front")]);
        using var gone = new CancellationTokenSource();
        var first = schedule.WaitToTakeAsync(gone.Token).AsTask();
        var second = schedule.WaitToTakeAsync(default).AsTask();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Offer(schedule, "front");

        Assert.True(await second.WaitAsync(TimeSpan.FromSeconds(20)));
        schedule.Clear();
    }

    private ClipSchedule Of(IReadOnlyList<StreamDemand> demands, ScheduleOptions? options = null, FakeModel? model = null) => new(
        demands, options ?? new(), model ?? new(), _stage, new InferenceMeter(_meter, demands.Select(demand => demand.Stream)), _time);

    private static StreamDemand Demand(string stream, double deadline = 5, int hop = 2) =>
        new(stream, hop, Interval, TimeSpan.FromSeconds(deadline));

    private void Offer(ClipSchedule schedule, string stream, long index = 0, TimeSpan delay = default, TimeSpan slept = default) =>
        schedule.Offer(_clips.Make(stream, index, delay, slept));

    private static Taken? Take(ClipSchedule schedule)
    {
        if (!schedule.TryTake(default, out var clip, out var number, out _))
        {
            return null;
        }

        using (clip)
        {
            return new(clip.Stream, clip.Time.FirstIndex, clip.Time.ArrivedAt, number);
        }
    }

    private static List<Taken> TakeAll(ClipSchedule schedule)
    {
        var all = new List<Taken>();
        while (Take(schedule) is { } taken)
        {
            all.Add(taken);
            schedule.Release(taken.Number);
        }

        return all;
    }

    private static TimeSpan Ms(double ms) => TimeSpan.FromMilliseconds(ms);

    private readonly record struct Taken(string Stream, long Index, long ArrivedAt, SequenceNumber Number);
}
