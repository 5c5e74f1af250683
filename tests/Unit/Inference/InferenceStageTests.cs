using System.Diagnostics.Metrics;
using ActionStream.Core.Media;
using ActionStream.Core.Results;
using ActionStream.Core.Stages;
using ActionStream.Inference;
using ActionStream.Inference.Batching;
using ActionStream.Inference.Metrics;
using ActionStream.Inference.Scheduling;
using ActionStream.Inference.Scoring;
using ActionStream.Inference.Serving;
using ActionStream.Unit.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionStream.Unit.Inference;

public sealed class InferenceStageTests : IAsyncDisposable
{
    private readonly FakeClock _time = new();
    private readonly Meter _meter = new("actionstream");
    private readonly MeterCounts _counts;
    private readonly ClipMaker _clips;
    private readonly StageMeter _stage;
    private readonly InferenceMeter _inference;
    private ClipSchedule _schedule = null!;
    private readonly StageChannel<ClipScores> _output;

    public InferenceStageTests()
    {
        _counts = new(_meter);
        _clips = new(_time);
        (_stage, _inference) = (new StageMeter(_meter, "inference"), new InferenceMeter(_meter, ["front", "yard"]));
        Schedule(new FakeModel());
        _output = new(new(64, DropPolicy.None), new StageMeter(_meter, "publish"));
    }

    private void Schedule(FakeModel model)
    {
        _schedule = new(
            new[] { "front", "yard" }.Select(
                stream => new StreamDemand(stream, 2, TimeSpan.FromMilliseconds(125), TimeSpan.FromSeconds(2))),
            new(Waiting: 64, InFlight: 64), model, _stage, _inference, _time);
    }

    [Fact]
    public async Task What_waits_goes_together_and_the_rest_when_its_company_is_late()
    {
        var model = new FakeModel();
        await Offer(10);
        var running = Run(model, new() { MaxSize = 8, MaxDelay = TimeSpan.FromMilliseconds(30) });

        var first = await Read(8);
        Assert.Equal(8, first.Count);
        await Until(() => _time.Timers > 0);
        Assert.Equal([8], model.Batches); // two clips, and patience left
        _time.Advance(TimeSpan.FromMilliseconds(30));
        await Read(2);

        Assert.Equal([8, 2], model.Batches);
        _schedule.Complete();
        await running;
        Assert.Equal((0, 0), (_clips.Pool.InUse, model.Open));
    }

    [Fact]
    public async Task A_clip_that_waited_longer_than_the_deadline_is_never_run()
    {
        var model = new FakeModel();
        await Offer(2, "yard");
        _time.Advance(TimeSpan.FromSeconds(3));
        await Offer(1);
        _schedule.Complete();
        await Run(model, new() { MaxSize = 8 });

        Assert.Equal("front", Assert.Single(await Read(1)).Stream);
        Assert.Equal([1], model.Batches);
        Assert.Equal(2, _counts["actionstream.windows.skipped camera=yard reason=deadline"]);
        Assert.Equal(2, _counts["actionstream.deadline.missed"]);
        Assert.Equal(2, _counts["actionstream.stage.dropped stage=inference reason=deadline"]);
        Assert.Equal(0, _clips.Pool.InUse);
    }

    [Fact]
    public async Task Each_stream_is_answered_in_order_whichever_worker_is_faster()
    {
        using var gate = new ManualResetEventSlim();
        var model = new FakeModel
        {
            OnScore = batch =>
            {
                if (batch[0].Time.FirstIndex == 0)
                {
                    gate.Wait(TimeSpan.FromSeconds(20));
                }
            },
        };
        await Offer(6);
        var running = Run(model, new() { MaxSize = 1 }, workers: 2);
        await Until(() => Done(model) == 6); // five were quicker than the first
        Assert.False(_output.Reader.TryRead(out _));
        gate.Set();

        Assert.Equal([0L, 1, 2, 3, 4, 5], (await Read(6)).Select(answer => answer.Window));
        _schedule.Complete();
        await running;
    }

    [Fact]
    public async Task A_failing_batch_is_tried_again_clip_by_clip_and_costs_only_the_guilty()
    {
        var model = new FakeModel
        {
            OnScore = batch =>
            {
                if (batch.Any(clip => clip.Time.FirstIndex == 1))
                {
                    throw new ScoringException("run_failed", "no");
                }
            },
        };
        await Offer(3);
        _schedule.Complete();
        await Run(model, new() { MaxSize = 4 });

        Assert.Equal([0L, 2], (await Read(2)).Select(answer => answer.Window));
        Assert.Equal([3, 1, 1, 1], model.Batches);
        Assert.Equal(2, _counts["actionstream.inference.errors reason=run_failed"]);
        Assert.Equal(1, _counts["actionstream.windows.skipped camera=front reason=run_failed"]);
        Assert.Equal(2, _counts["actionstream.inference.windows"]);
        Assert.Equal(0, _clips.Pool.InUse);
    }

    [Fact]
    public async Task A_batch_that_does_not_fit_goes_in_halves_and_later_ones_are_smaller_from_the_start()
    {
        var model = new FakeModel { OnScore = batch => ThrowIf(batch.Length > 4, OutOfMemory) };
        await Offer(20);
        _schedule.Complete();
        await Run(model, new() { MaxSize = 8 });

        Assert.Equal(Enumerable.Range(0, 20).Select(window => (long)window), (await Read(20)).Select(answer => answer.Window));
        Assert.Equal([8, 4, 4, 4, 4, 4], model.Batches);
        Assert.Equal(1, _counts["actionstream.inference.errors reason=out_of_memory"]);
        Assert.Equal(0, _counts.Sum("actionstream.stage.dropped"));
        Assert.Equal(0, _clips.Pool.InUse);
    }

    [Fact]
    public async Task No_window_is_lost_that_fits_into_some_smaller_batch()
    {
        var model = new FakeModel { OnScore = batch => ThrowIf(batch.Length > 1, OutOfMemory) };
        await Offer(10);
        _schedule.Complete();
        await Run(model, new() { MaxSize = 8 });

        Assert.Equal(10, (await Read(10)).Count);
        Assert.Equal([8, 4, 1, 1, 1, 1, 4, 1, 1, 1, 1, 2, 1, 1], model.Batches); // the halves once, then one by one
    }

    [Fact]
    public async Task After_a_while_a_larger_batch_is_tried_again()
    {
        var isTight = true;
        var model = new FakeModel { OnScore = batch => ThrowIf(isTight && batch.Length > 4, OutOfMemory) };
        using var slot = new ModelSlot(model, _time, new() { MaxSize = 8 });
        await Offer(8);
        var running = Run(slot);
        await Read(8);
        Assert.Equal(4, slot.Policy.MaxSize);
        isTight = false;
        _time.Advance(BatchCap.TriesAgainAfter);
        Assert.Equal(8, slot.Policy.MaxSize);
        _schedule.Complete();
        await running;
    }

    [Fact]
    public async Task An_answer_that_is_not_a_number_is_counted_and_not_passed_on()
    {
        var model = new FakeModel { Logit = clip => clip.Time.FirstIndex == 0 ? float.NaN : 1 };
        await Offer(2);
        _schedule.Complete();
        await Run(model, new() { MaxSize = 2 });

        Assert.Equal(1, Assert.Single(await Read(1)).Window);
        Assert.Equal(1, _counts["actionstream.inference.errors reason=invalid_output"]);
        Assert.Equal(1, _counts["actionstream.windows.skipped camera=front reason=invalid_output"]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task An_answer_of_the_wrong_shape_is_counted_and_not_passed_on(int outputs)
    {
        await Offer(2);
        _schedule.Complete();
        await Run(new FakeModel { Outputs = outputs }, new() { MaxSize = 2 });

        Assert.False(_output.Reader.TryRead(out _));
        Assert.Equal(2, _counts["actionstream.inference.errors reason=invalid_output"]);
        Assert.Equal(2, _counts["actionstream.windows.skipped camera=front reason=invalid_output"]);
    }

    [Fact]
    public async Task Ten_times_slower_than_real_time_the_newest_windows_are_served_in_time_and_every_camera_gets_its_share()
    {
        const int Windows = 200;
        var period = TimeSpan.FromMilliseconds(250);
        await using var schedule = new ClipSchedule(
            new[] { "front", "yard" }.Select(
                stream => new StreamDemand(stream, 2, period / 2, TimeSpan.FromSeconds(2))),
            new(Waiting: 3), new FakeModel(), _stage, _inference, _time);
        var (offered, most) = (0, 0);
        void OfferOne()
        {
            schedule.Offer(_clips.Make("front", 2 * offered));
            schedule.Offer(_clips.Make("yard", 2 * offered++));
            most = Math.Max(most, _clips.Pool.InUse);
        }

        var ages = new List<TimeSpan>();
        var model = new FakeModel
        {
            OnScore = batch =>
            {
                ages.Add(_time.GetElapsedTime(batch[0].Time.ReadyAt));
                for (var i = 0; i < 5 && offered < Windows; i++) // two cameras, each run five periods: ten times too slow
                {
                    _time.Advance(period);
                    OfferOne();
                }

                if (offered == Windows)
                {
                    schedule.Complete();
                }
            },
        };
        OfferOne();
        await new InferenceStage(
            new ModelSlot(model, _time, new() { MaxSize = 1 }), 1, schedule, _output, _stage, _inference, _time,
            NullLogger<InferenceStage>.Instance).RunAsync(default);

        var answers = await Read(model.Batches.Count);
        var shares = answers.CountBy(answer => answer.Stream).ToDictionary();
        Assert.InRange(answers.Count, Windows / 5, Windows / 5 + 6); // what the model can do, not more and not less
        Assert.InRange(Math.Abs(shares["front"] - shares["yard"]), 0, 2);
        Assert.True(ages.Max() <= 2 * period, $"a window waited {ages.Max()}");
        Assert.InRange(most, 1, 2 * 3 + 1); // three wait per camera, one is worked on
        Assert.Equal(0, _clips.Pool.InUse);
    }

    [Fact]
    public async Task Every_counter_is_there_before_anything_happens()
    {
        _schedule.Complete();
        await Run(new FakeModel(), new() { MaxSize = 1 });

        foreach (var name in (string[])[
            "actionstream.inference.batches", "actionstream.inference.windows", "actionstream.deadline.missed",
            "actionstream.inference.errors reason=run_failed", "actionstream.windows.skipped camera=yard reason=deadline"])
        {
            Assert.Equal(0, _counts[name]);
        }

        Assert.Equal(1, _counts["actionstream.inference.device.info requested=auto actual=cpu"]);
    }

    [Fact]
    public async Task Stopping_leaves_at_once_and_returns_what_was_taken()
    {
        var model = new FakeModel();
        await Offer(1);
        using var stop = new CancellationTokenSource();
        var running = Run(model, new() { MaxSize = 8, MaxDelay = TimeSpan.FromSeconds(1) }, cancel: stop.Token);
        await Until(() => _time.Timers > 0); // it waits for company
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal((0, 0), (_clips.Pool.InUse, model.Open));
        await _output.Reader.Completion;
    }

    [Fact]
    public async Task A_broken_worker_takes_the_stage_down_and_says_so_downstream()
    {
        var model = new FakeModel { OnScore = _ => throw new InvalidOperationException("a bug") };
        await Offer(3);
        var running = Run(model, new() { MaxSize = 1 }, workers: 3);

        await Assert.ThrowsAsync<InvalidOperationException>(() => running);
        await Assert.ThrowsAsync<InvalidOperationException>(() => _output.Reader.Completion);
    }

    private static readonly ScoringException OutOfMemory = new(
        ScoringException.OutOfMemory, "Failed to allocate memory for requested buffer of size 8589934592");

    private static void ThrowIf(bool isTrue, ScoringException failed)
    {
        if (isTrue)
        {
            throw failed;
        }
    }

    private Task Run(ModelSlot slot) => new InferenceStage(
        slot, 1, _schedule, _output, _stage, _inference, _time, NullLogger<InferenceStage>.Instance).RunAsync(default);

    private Task Run(FakeModel model, BatchPolicy policy, int workers = 1, CancellationToken cancel = default) =>
        new InferenceStage(
            new ModelSlot(model, _time, policy), workers, _schedule, _output, _stage, _inference,
            _time, NullLogger<InferenceStage>.Instance).RunAsync(cancel);

    private async Task Offer(int count, string stream = "front")
    {
        for (var i = 0; i < count; i++)
        {
            await _schedule.WriteAsync(_clips.Make(stream, i), CancellationToken.None);
        }
    }

    private async Task<List<ClipScores>> Read(int count)
    {
        var answers = new List<ClipScores>();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (answers.Count < count)
        {
            answers.Add(await _output.Reader.ReadAsync(limit.Token));
        }

        return answers;
    }

    private static int Done(FakeModel model)
    {
        lock (model.Batches)
        {
            return model.Batches.Count;
        }
    }

    // Workers have threads of their own; that one has reached a point shows only in its traces.
    private static async Task Until(Func<bool> isTrue)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!isTrue())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _schedule.DisposeAsync();
        await _output.DisposeAsync();
        _clips.Dispose();
        _counts.Dispose();
        _meter.Dispose();
    }
}
