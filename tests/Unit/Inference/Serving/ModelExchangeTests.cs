namespace ActionStream.Unit.Inference.Serving;

public sealed class ModelExchangeTests
{
    [Fact]
    public async Task Under_load_every_window_is_answered_once_and_every_stream_changes_at_one_point()
    {
        const int Each = 400;
        var models = Enumerable.Range(0, 9).Select(i => new FakeModel { Device = $"m{i}", OnScore = _ => Thread.Yield() }).ToArray();
        await using var rig = new ServingRig(models[0], workers: 3);
        rig.Start();
        var feeding = Task.Run(async () =>
        {
            for (var i = 0; i < Each; i++)
            {
                foreach (var stream in ServingRig.Streams)
                {
                    await rig.Schedule.WriteAsync(rig.Clips.Make(stream, i), default);
                }
            }
        });
        var between = new List<int>();
        foreach (var next in models[1..])
        {
            await rig.Until(() => rig.Answers.Count > between.Count * 60);
            await rig.Exchange.PutAsync(next, 8, () => between.Add(rig.Answers.Count), default);
        }

        await feeding;
        await rig.Until(() => ServingRig.Streams.All(stream => rig.CountOf(stream) == Each));
        foreach (var stream in ServingRig.Streams)
        {
            var answers = rig.Answers.Where(answer => answer.Stream == stream).ToArray();
            Assert.Equal(Enumerable.Range(0, Each).Select(window => (long)window), answers.Select(answer => answer.Window));
            Assert.Equal(answers.Select(answer => answer.Device).Order(StringComparer.Ordinal), answers.Select(answer => answer.Device));
        }

        // Nothing of the next one's had left when the one before was taken away, and nothing of that one's came later.
        foreach (var (count, i) in between.Select((count, i) => (count, i)))
        {
            Assert.DoesNotContain(rig.Answers.Take(count), answer => string.CompareOrdinal(answer.Device, $"m{i}") > 0);
            Assert.DoesNotContain(rig.Answers.Skip(count), answer => string.CompareOrdinal(answer.Device, $"m{i}") <= 0);
        }

        Assert.Equal(0, rig.Counts.Sum("actionstream.stage.dropped"));
        Assert.All(models[..^1], model => Assert.True(model is { IsDisposed: true, Open: 0 }, model.Device));
    }

    [Fact]
    public async Task The_former_model_is_closed_only_when_its_last_run_has_returned()
    {
        using var gate = new ManualResetEventSlim();
        var (before, after) = (new FakeModel { OnScore = _ => gate.Wait(TimeSpan.FromSeconds(20)) }, new FakeModel { Device = "new" });
        await using var rig = new ServingRig(before);
        rig.Start();
        rig.Offer("front", 0);
        await rig.Until(() => before.Batches.Count == 1);
        var exchanging = rig.Exchange.PutAsync(after, 8, null, default);
        rig.Offer("front", 1);
        rig.Offer("yard", 0);
        Assert.False(before.IsDisposed);
        gate.Set();
        await exchanging;
        Assert.Equal((true, 0), (before.IsDisposed, before.Open));

        await rig.Until(() => rig.Answers.Count == 3);
        Assert.Equal(["cpu", "new"], rig.Answers.Where(answer => answer.Stream == "front").Select(answer => answer.Device));
        Assert.Equal(0, rig.Clips.Pool.InUse);
    }

    [Fact]
    public async Task One_that_is_not_wanted_any_more_is_closed_and_changes_nothing()
    {
        var (before, next) = (new FakeModel(), new FakeModel());
        await using var rig = new ServingRig(before);
        rig.Start();
        Assert.False(await rig.Exchange.PutAsync(next, 8, () => Assert.Fail("it is not in"), default, () => false));
        Assert.Equal((false, true, false), (before.IsDisposed, next.IsDisposed, rig.Slot.IsEmpty));
        rig.Offer("front", 0);
        await rig.Until(() => rig.Answers.Count == 1);
    }

    [Fact]
    public async Task One_that_hangs_can_be_left_and_the_model_that_waited_for_it_is_closed()
    {
        using var gate = new ManualResetEventSlim();
        var (before, next) = (new FakeModel { OnScore = _ => gate.Wait(TimeSpan.FromSeconds(20)) }, new FakeModel());
        await using var rig = new ServingRig(before);
        rig.Start();
        rig.Offer("front", 0);
        await rig.Until(() => before.Batches.Count == 1);
        using var end = new CancellationTokenSource();
        var exchanging = rig.Exchange.PutAsync(next, 8, null, end.Token);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => exchanging);
        Assert.Equal((false, true), (before.IsDisposed, next.IsDisposed));
        gate.Set();
    }

    [Fact]
    public async Task An_onlooker_that_throws_does_not_decide_which_model_runs()
    {
        var (before, next, seen) = (new FakeModel(), new FakeModel { Device = "new" }, 0);
        await using var rig = new ServingRig(before);
        rig.Slot.Leaving += () => throw new InvalidOperationException("not this one");
        rig.Slot.Arrived += () => throw new InvalidOperationException("nor that one");
        rig.Slot.Arrived += () => seen++;
        rig.Start();
        await rig.Exchange.PutAsync(next, 8, null, default);
        rig.Offer("front", 0);
        await rig.Until(() => rig.Answers.Count == 1);
        Assert.Equal((true, false, 1), (before.IsDisposed, next.IsDisposed, seen));
        Assert.Equal("new", rig.Answers[0].Device);
    }

    [Fact]
    public async Task Streams_whose_attention_is_wanted_are_told_to_the_next_model_too()
    {
        await using var rig = new ServingRig(new FakeModel());
        rig.Slot.WantAttention("front", true);
        rig.Slot.WantAttention("yard", true);
        rig.Slot.WantAttention("yard", false);
        var next = new FakeModel();
        rig.Start();
        await rig.Exchange.PutAsync(next, 8, null, default);
        Assert.Equal(["front"], next.Attended);
    }
}
