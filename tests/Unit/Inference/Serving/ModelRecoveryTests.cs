using ActionStream.Core.Configuration;
using ActionStream.Core.Results;
using ActionStream.Inference.Scoring;
using ActionStream.Inference.Serving;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Inference.Serving;

public sealed class ModelRecoveryTests
{
    private static readonly ScoringException Gone = new(ScoringException.DeviceLost, "CUDA failure 999: unknown error ; GPU=0");

    [Fact]
    public async Task A_model_whose_runs_throw_for_good_is_closed_and_loaded_again_until_it_works()
    {
        var dead = new FakeModel { Device = "cuda:0", IsGpu = true, OnScore = _ => throw Gone };
        var good = new FakeModel { Device = "cuda:0", IsGpu = true };
        var loads = 0;
        await using var rig = new ServingRig(dead);
        rig.Recover(_ => Interlocked.Increment(ref loads) <= 3 ? throw Refused() : good);
        rig.Start();
        rig.Offer("front", 0);
        await rig.Until(() => loads == 1);
        Assert.Equal((true, 0, true), (dead.IsDisposed, dead.Open, rig.Slot.IsEmpty)); // before the first try
        rig.Offer("front", 1); // turned away, by nobody's load
        Assert.Equal(1, rig.Counts["actionstream.windows.skipped camera=front reason=no_model"]);
        Assert.Equal((0L, 0L), (rig.Schedule.Load.Late, rig.Schedule.Load.Offered - 1));

        await rig.Until(() => !rig.Slot.IsEmpty, TimeSpan.FromMilliseconds(50));
        rig.Offer("front", 2);
        await rig.Until(() => rig.Answers.Count == 1);
        Assert.Equal(4, loads);
        Assert.Equal(2, rig.Answers[0].Time.FirstIndex);
        Assert.Equal([ModelState.Lost, ModelState.Ready], rig.Statuses.Select(status => status.State));
        Assert.Equal("CUDA failure 999: unknown error ; GPU=0", rig.Statuses[0].Reason);
        Assert.Equal(1, rig.Counts["actionstream.model.losses reason=device_lost"]);
        Assert.Equal(1, rig.Counts["actionstream.windows.skipped camera=front reason=device_lost"]);
        Assert.Equal(0, rig.Clips.Pool.InUse);
    }

    [Fact]
    public async Task Tries_grow_rarer()
    {
        var tries = new List<TimeSpan>();
        await using var rig = new ServingRig(new FakeModel { OnScore = _ => throw Gone });
        var start = rig.Time.GetTimestamp();
        rig.Recover(_ =>
        {
            tries.Add(rig.Time.GetElapsedTime(start));
            throw Refused();
        });
        rig.Start();
        rig.Offer("front", 0);
        await rig.Until(() => tries.Count == 12, TimeSpan.FromMilliseconds(250));
        var waits = tries.Zip(tries.Skip(1), (a, b) => b - a).ToArray();
        Assert.InRange(waits[0].TotalSeconds, 0.5, 1.5);
        Assert.True(waits[^1] >= waits[0], string.Join(' ', waits));
    }

    [Fact]
    public async Task Where_nobody_insists_on_the_device_it_runs_on_the_CPU_until_the_device_is_back()
    {
        var isBack = false;
        var dead = new FakeModel { Device = "cuda:0", IsGpu = true, OnScore = _ => throw Gone };
        await using var rig = new ServingRig(dead);
        rig.Recover(
            onCpu => onCpu ? new FakeModel() : Volatile.Read(ref isBack) ? new FakeModel { Device = "cuda:0", IsGpu = true } : throw Refused(),
            mayUseCpu: true);
        rig.Start();
        rig.Offer("front", 0);
        await rig.Until(() => rig.Statuses.Count == 2);
        rig.Offer("front", 1);
        await rig.Until(() => rig.Answers.Count == 1);
        Volatile.Write(ref isBack, true);
        await rig.Until(() => rig.Slot.Model.IsGpu, TimeSpan.FromMilliseconds(50));
        rig.Offer("front", 2);
        await rig.Until(() => rig.Answers.Count == 2);
        Assert.Equal(["cpu", "cuda:0"], rig.Answers.Select(answer => answer.Device));
        await rig.Until(() => rig.Statuses.Count == 3);
        Assert.Equal([ModelState.Lost, ModelState.Fallback, ModelState.Ready], rig.Statuses.Select(status => status.State));
    }

    [Fact]
    public async Task Where_somebody_does_there_is_no_CPU()
    {
        var loads = new List<bool>();
        await using var rig = new ServingRig(new FakeModel { Device = "cuda:0", IsGpu = true, OnScore = _ => throw Gone });
        rig.Recover(onCpu =>
        {
            loads.Add(onCpu);
            throw Refused();
        });
        rig.Start();
        rig.Offer("front", 0);
        await rig.Until(() => loads.Count == 3, TimeSpan.FromMilliseconds(100));
        Assert.DoesNotContain(true, loads);
        Assert.True(rig.Slot.IsEmpty);
    }

    [Fact]
    public async Task One_bad_clip_among_good_ones_costs_no_session()
    {
        var loads = 0;
        var model = new FakeModel
        {
            OnScore = batch =>
            {
                if (batch.Any(clip => clip.Time.FirstIndex % 3 == 0))
                {
                    throw new ScoringException("run_failed", "no");
                }
            },
        };
        await using var rig = new ServingRig(model);
        rig.Recover(_ =>
        {
            loads++;
            throw Refused();
        });
        rig.Start();
        for (var i = 0; i < 30; i++)
        {
            rig.Offer("front", i);
        }

        await rig.Until(() => rig.Answers.Count == 20);
        Assert.Equal((0, false), (loads, model.IsDisposed));
    }

    [Fact]
    public async Task Another_model_from_the_configuration_ends_the_search()
    {
        var loads = 0;
        await using var rig = new ServingRig(new FakeModel { OnScore = _ => throw Gone });
        rig.Recover(_ =>
        {
            Interlocked.Increment(ref loads);
            throw Refused();
        });
        rig.Start();
        rig.Offer("front", 0);
        await rig.Until(() => loads == 2, TimeSpan.FromMilliseconds(100));
        await rig.Exchange.PutAsync(new FakeModel { Device = "other" }, 8, null, default);
        rig.Offer("front", 1);
        await rig.Until(() => rig.Answers.Count == 1, TimeSpan.FromMilliseconds(100));
        var before = loads;
        for (var i = 0; i < 100; i++)
        {
            rig.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal("other", rig.Answers[0].Device);
        Assert.InRange(loads, 2, before + 1);
    }

    [Fact]
    public async Task A_model_of_the_former_configuration_does_not_take_the_place_of_a_newer_one()
    {
        using var gate = new ManualResetEventSlim();
        var (late, newer, loads) = (new FakeModel { Device = "former" }, new FakeModel { Device = "newer" }, 0);
        await using var rig = new ServingRig(new FakeModel { OnScore = _ => throw Gone });
        var recovery = rig.Recover(_ =>
        {
            Interlocked.Increment(ref loads);
            gate.Wait(TimeSpan.FromSeconds(20));
            return late;
        });
        rig.Start();
        rig.Offer("front", 0);
        await rig.Until(() => Volatile.Read(ref loads) == 1);
        await rig.Exchange.PutAsync(newer, 8, () => recovery.Loader = new(_ => throw Refused(), false, 1, rig.Time), default);
        gate.Set();
        await rig.Until(() => late.IsDisposed);
        rig.Offer("front", 1);
        await rig.Until(() => rig.Answers.Count == 1);
        Assert.Equal(("newer", false), (rig.Answers[0].Device, newer.IsDisposed));
        Assert.Equal([ModelState.Lost], rig.Statuses.Select(status => status.State)); // ready is what the exchange says
    }

    [Fact]
    public async Task That_it_is_lost_is_said_before_another_model_can_be_put_in()
    {
        using var isIn = new ManualResetEventSlim();
        var (exchanging, wasSooner) = (Task.CompletedTask, false);
        await using var rig = new ServingRig(new FakeModel { OnScore = _ => throw Gone });
        rig.OnReport = status =>
        {
            if (status.State == ModelState.Lost)
            {
                exchanging = rig.Exchange.PutAsync(new FakeModel(), 8, isIn.Set, default);
                wasSooner = isIn.Wait(TimeSpan.FromSeconds(0.3));
            }
        };
        rig.Recover(_ => throw Refused());
        rig.Start();
        rig.Offer("front", 0);
        await rig.Until(() => isIn.IsSet);
        await exchanging;
        Assert.False(wasSooner);
    }

    [Fact]
    public async Task Whatever_loading_throws_is_a_try_that_failed()
    {
        var (loads, good) = (0, new FakeModel { Device = "good" });
        await using var rig = new ServingRig(new FakeModel { OnScore = _ => throw Gone });
        rig.Recover(_ => Interlocked.Increment(ref loads) switch
        {
            1 => throw new UnauthorizedAccessException("Access to the path is denied."),
            2 => throw new ScoringException(ScoringException.DeviceLost, "CUDA failure 2"),
            3 => throw new InvalidOperationException("nobody thought of this"),
            _ => good,
        });
        rig.Start();
        rig.Offer("front", 0);
        await rig.Until(() => rig.Slot.Model == good, TimeSpan.FromMilliseconds(100));
        Assert.Equal(4, loads);
    }

    [Fact]
    public async Task Loading_that_never_returns_is_a_hung_device()
    {
        using var never = new ManualResetEventSlim();
        await using var rig = new ServingRig(new FakeModel { Device = "cuda:0", OnScore = _ => throw Gone });
        rig.Recover(_ =>
        {
            never.Wait(TimeSpan.FromSeconds(60));
            throw Refused();
        });
        rig.Start();
        rig.Offer("front", 0);
        await rig.Until(() => rig.Watch.Hung.IsCompleted, TimeSpan.FromSeconds(1));
        Assert.Equal(ModelLoader.Limit, (await rig.Watch.Hung).Elapsed);
        never.Set();
    }

    [Fact]
    public async Task A_process_that_stood_still_while_it_loaded_goes_on_loading()
    {
        using var gate = new ManualResetEventSlim();
        var (time, model) = (new FakeClock(), new FakeModel());
        var loader = new ModelLoader(
            _ =>
            {
                gate.Wait(TimeSpan.FromSeconds(20));
                return model;
            },
            mayUseCpu: false, 1, time);
        var loading = loader.LoadAsync(onCpu: false, default);
        var start = time.GetTimestamp();
        time.Advance(3 * ModelLoader.Limit); // the waiter comes to look only now
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (time.Timers == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, limit.Token);
        }

        Assert.False(loading.IsCompleted);
        gate.Set();
        Assert.Same(model, await loading);
        Assert.True(time.GetElapsedTime(start) > ModelLoader.Limit);
    }

    [Fact]
    public async Task A_model_that_nobody_waits_for_any_more_is_closed_when_it_is_there()
    {
        using var gate = new ManualResetEventSlim();
        var late = new FakeModel();
        await using var rig = new ServingRig(new FakeModel());
        var loader = new ModelLoader(
            _ =>
            {
                gate.Wait(TimeSpan.FromSeconds(20));
                return late;
            },
            mayUseCpu: false, 1, rig.Time);
        using var stop = new CancellationTokenSource();
        var loading = loader.LoadAsync(onCpu: false, stop.Token);
        await stop.CancelAsync();
        gate.Set();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => loading);
        await rig.Until(() => late.IsDisposed);
    }

    private static ConfigException Refused() => new([new("card.yaml", 0, "model.path", "is model.onnx; it does not run")]);
}
