using System.Diagnostics.Metrics;
using ActionStream.Core.Results;
using ActionStream.Core.Stages;
using ActionStream.Inference.Metrics;
using ActionStream.Inference.Scheduling;
using ActionStream.Unit.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionStream.Unit.Inference.Scheduling;

public sealed class LoadGuardTests : IDisposable
{
    private readonly FakeClock _time = new();
    private readonly Meter _meter = new("actionstream");
    private readonly ClipMaker _clips;
    private readonly Heard _heard = new();
    private readonly ClipSchedule _schedule;
    private readonly LoadGuard _guard;
    private long _index;

    public LoadGuardTests()
    {
        _clips = new(_time);
        var model = new FakeModel { Costs = new(new CostCurve([1], [TimeSpan.FromMilliseconds(100)])) };
        StreamDemand[] demands = [Demand("gate", Priority.High), Demand("yard", Priority.Low)];
        _schedule = new(demands, new(), model, new StageMeter(_meter, "inference"), new InferenceMeter(_meter, ["gate", "yard"]), _time);
        _guard = new(_schedule, new CapacityPlan(model.Costs, 1, 16, 1), _heard, _meter, _time, NullLogger<LoadGuard>.Instance);
    }

    [Fact]
    public void Too_much_work_stretches_the_least_important_camera_says_so_and_takes_it_back()
    {
        Seconds(2, served: 4); // eight windows a second fall due, four are done
        Assert.Equal([new StreamLoad("yard", 2)], _heard.Loads);

        // A queue that was behind catches up; then all is done, and eight a second are 0.8 of a worker.
        Seconds(LoadPolicy.Recovery + 2, served: 8);
        Assert.Equal([new StreamLoad("yard", 2), new StreamLoad("yard", 1)], _heard.Loads);
    }

    [Fact]
    public void Far_too_much_pauses_it_and_leaves_the_key_camera_running()
    {
        Seconds(60, served: 1);

        Assert.Contains(new StreamLoad("yard", 0), _heard.Loads);
        Assert.DoesNotContain(new StreamLoad("gate", 0), _heard.Loads);
        Assert.Equal(4, _heard.Loads.Last(load => load.Stream == "gate").HopMultiplier); // one window a second is what can be done
    }

    [Fact]
    public void A_camera_that_comes_while_others_give_way_gives_way_too_and_nobody_else_hears_of_it()
    {
        Seconds(2, served: 4);
        _heard.Loads.Clear();
        _schedule.Add(Demand("shed", Priority.Low));
        Seconds(1, served: 8);

        Assert.Equal([new StreamLoad("yard", 2), new StreamLoad("shed", 2)], _heard.Loads);
        _schedule.Offer(_clips.Make("shed", 2)); // every second window of hop 2
        _schedule.Offer(_clips.Make("shed", 4));
        Assert.Equal(1, _schedule.Waiting);
    }

    [Fact]
    public void While_a_new_camera_opens_nobody_else_has_to_give_way()
    {
        _schedule.Add(Demand("shed", Priority.Low));
        Seconds(14, served: 4);
        Assert.DoesNotContain(_heard.Loads, load => load.HopMultiplier != 1);

        Seconds(6, served: 4);
        Assert.Contains(new StreamLoad("yard", 2), _heard.Loads);
    }

    [Fact]
    public async Task When_the_last_of_a_priority_goes_the_ladder_fits_those_that_stay()
    {
        Seconds(60, served: 1);
        await _schedule.RemoveAsync("gate");
        _schedule.Add(Demand("gate", Priority.Low));
        _heard.Loads.Clear();
        Seconds(1, served: 8);

        Assert.DoesNotContain(_heard.Loads, load => load.HopMultiplier == 0); // of one priority none is paused
        Assert.Equal(2, _heard.Loads.Count);
    }

    [Fact]
    public void A_machine_that_keeps_up_is_left_alone()
    {
        Seconds(30, served: 8);
        Assert.Empty(_heard.Loads);
    }

    [Fact]
    public void A_camera_that_sends_late_and_seconds_at_once_is_no_load_to_anybody()
    {
        for (var quarter = 0; quarter < 4 * 60; quarter++, _index += 2)
        {
            _schedule.Offer(_clips.Make("gate", _index));
            for (var late = 0; quarter % 8 == 0 && late < 8; late++)
            {
                _schedule.Offer(_clips.Make("yard", _index + 2 * late, TimeSpan.FromSeconds(60 - 0.25 * late)));
            }

            while (_schedule.TryTake(default, out var clip, out var number, out _))
            {
                clip.Dispose();
                _schedule.Release(number);
            }

            _time.Advance(TimeSpan.FromMilliseconds(250));
            if (quarter % 4 == 3)
            {
                _guard.Look();
            }
        }

        Assert.Empty(_heard.Loads);
        Assert.Equal(0, _schedule.Load.Late);
    }

    public void Dispose()
    {
        _schedule.Clear();

        Assert.Equal(0, _clips.Pool.InUse);
        _clips.Dispose();
        _meter.Dispose();
    }

    // A second at a time: each camera's four windows fall due, some are served, the guard looks.
    private void Seconds(int count, int served)
    {
        for (var quarter = 0; quarter < 4 * count; quarter++, _index += 2)
        {
            _schedule.Offer(_clips.Make("gate", _index));
            _schedule.Offer(_clips.Make("yard", _index));
            var due = served * (quarter % 4 + 1) / 4 - served * (quarter % 4) / 4;
            for (var i = 0; i < due && _schedule.TryTake(default, out var clip, out var number, out _); i++)
            {
                clip.Dispose();
                _schedule.Release(number);
            }

            _time.Advance(TimeSpan.FromMilliseconds(250));
            if (quarter % 4 == 3)
            {
                _guard.Look();
            }
        }
    }

    private static StreamDemand Demand(string stream, Priority priority) =>
        new(stream, 2, TimeSpan.FromMilliseconds(125), TimeSpan.FromSeconds(2), priority);

    private sealed class Heard : IProgress<StreamLoad>
    {
        public List<StreamLoad> Loads { get; } = [];

        public void Report(StreamLoad value) => Loads.Add(value);
    }
}
