using ActionStream.Inference.Scoring;
using ActionStream.Inference.Serving;

namespace ActionStream.Unit.Inference.Serving;

/// <summary>The stage with a run that does not return.</summary>
public sealed class HungRunTests
{
    [Fact]
    public async Task The_stage_leaves_past_a_worker_that_is_stuck_and_what_was_answered_is_delivered()
    {
        using var never = new ManualResetEventSlim();
        var model = new FakeModel { OnScore = batch => Stick(batch[0].Stream == "yard", never) };
        await using var rig = new ServingRig(model, workers: 2, inFlight: 1);
        rig.Start();
        var watching = rig.Watch.RunAsync(default);
        rig.Offer("yard", 0);
        await rig.Until(() => model.Batches.Count == 1);
        rig.Offer("front", 0);
        await rig.Until(() => rig.Answers.Count == 1); // the other worker goes on meanwhile
        await rig.Until(() => rig.Watch.Hung.IsCompleted, TimeSpan.FromSeconds(0.5));
        rig.Schedule.Complete(); // as the pipeline does
        _ = rig.Schedule.CloseAsync();
        await rig.Until(() => rig.Running.IsCompleted, TimeSpan.FromSeconds(0.5));

        await rig.Running; // in order, so that the publisher says goodbye
        await watching;
        Assert.Equal("front", Assert.Single(rig.Answers).Stream);
        Assert.True(rig.Watch.Abandoned.IsCompleted);
        never.Set();
    }

    [Fact]
    public async Task A_run_that_can_be_asked_to_end_gives_its_thread_back()
    {
        using var asked = new ManualResetEventSlim();
        var model = new FakeModel
        {
            OnScore = _ =>
            {
                asked.Wait(TimeSpan.FromSeconds(20));
                throw new ScoringException("run_failed", "Exiting due to terminate flag being set to true.");
            },
            OnTerminate = asked.Set,
        };
        await using var rig = new ServingRig(model);
        rig.Start();
        var watching = rig.Watch.RunAsync(default);
        rig.Offer("front", 0);
        await rig.Until(() => model.Batches.Count == 1);
        await rig.Until(() => rig.Watch.Hung.IsCompleted, TimeSpan.FromSeconds(0.5));
        rig.Schedule.Complete();
        await rig.Running;
        await rig.Until(() => watching.IsCompleted, TimeSpan.FromSeconds(0.5));
        Assert.False(rig.Watch.Abandoned.IsCompleted);
        Assert.Equal((0, 0), (rig.Clips.Pool.InUse, model.Open));
    }

    private static void Stick(bool isStuck, ManualResetEventSlim never)
    {
        if (isStuck)
        {
            never.Wait(TimeSpan.FromSeconds(60));
        }
    }
}
