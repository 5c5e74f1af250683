using ActionStream.Bench.Quiet;

namespace ActionStream.Unit.Bench.Quiet;

/// <summary>Composed recordings follow from seed and number, and differ from each other in everything.</summary>
public sealed class RecordingPlanTests
{
    [Fact]
    public void The_same_seed_and_number_plan_the_same_recording_and_another_seed_another()
    {
        Assert.All(Enumerable.Range(0, 100), number => Assert.Equal(RecordingPlan.Of(3, number), RecordingPlan.Of(3, number)));
        Assert.DoesNotContain(Enumerable.Range(0, 100), number => RecordingPlan.Of(3, number) == RecordingPlan.Of(4, number) with { Seed = 3 });
    }

    [Fact]
    public void A_hundred_recordings_have_every_scene_coding_and_actor_and_most_pairs_of_scene_and_coding()
    {
        var plans = Enumerable.Range(0, 100).Select(number => RecordingPlan.Of(1, number)).ToList();
        Assert.Equal(Enum.GetValues<SceneKind>().Length, plans.DistinctBy(plan => plan.Scene).Count());
        Assert.Equal(Enum.GetValues<CodingKind>().Length, plans.DistinctBy(plan => plan.Coding).Count());
        Assert.Equal(Enum.GetValues<ActorKind>().Length, plans.DistinctBy(plan => plan.Actor).Count());
        var pairs = plans.DistinctBy(plan => (plan.Scene, plan.Coding)).Count();
        Assert.True(pairs > 40, $"{pairs} pairs");
        Assert.All(plans, plan => Assert.True(plan.Size.Width % 2 == 0 && plan.Size.Height % 2 == 0, plan.Name));
    }

    [Fact]
    public void Three_of_four_actors_are_large_enough_for_an_event_and_a_few_cameras_send_720p25()
    {
        var plans = Enumerable.Range(0, 500).Select(number => RecordingPlan.Of(1, number)).ToList();
        Assert.InRange(plans.Count(plan => plan.Reach >= 0.6), 340, 410);
        Assert.InRange(plans.Count(plan => plan.Actor == ActorKind.Figure), 70, 130);
        var large = plans.Where(plan => plan.Size.Width == 1280).ToList();
        Assert.InRange(large.Count, 4, 25);
        Assert.All(large, plan => Assert.Equal((720, 25), (plan.Size.Height, plan.FramesPerSecond)));
    }

    [Fact]
    public void A_scene_is_painted_the_same_twice_and_its_noise_is_as_strong_as_planned()
    {
        var plan = RecordingPlan.Of(1, 1) with { Scene = SceneKind.SensorNoise, Level = 0.5, HasClock = false };
        var (one, other) = (Paint(plan), Paint(plan));
        Assert.Equal(one.Bytes, other.Bytes);
        var quiet = Paint(plan with { Level = -1.0 / 3 }); // without noise
        var deviation = Math.Sqrt(Enumerable.Range(0, one.Luma.Length).Average(i => Math.Pow(one.Bytes[i] - quiet.Bytes[i], 2)));
        Assert.InRange(deviation, 2, 3);

        static YuvFrame Paint(RecordingPlan plan)
        {
            var (painter, frame) = (new ScenePainter(plan), new YuvFrame(plan.Size));
            painter.Begin(frame, 40);
            painter.Finish(frame, 40);
            return frame;
        }
    }
}
