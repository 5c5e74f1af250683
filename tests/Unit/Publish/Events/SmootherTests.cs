using ActionStream.Publish.Events;

namespace ActionStream.Unit.Publish.Events;

public sealed class SmootherTests
{
    private static TimeSpan Ms(double ms) => TimeSpan.FromMilliseconds(ms);

    private static double[] Follow(TimeSpan hop, TimeSpan until, Func<TimeSpan, float> signal, TimeSpan readEvery)
    {
        var smoother = new Smoother(Ms(750), 1);
        var read = new List<double>();
        for (var at = hop; at <= until; at += hop)
        {
            Assert.True(smoother.TryUpdate([signal(at)], 0, 0, at));
            if (at.Ticks % readEvery.Ticks == 0)
            {
                read.Add(smoother.Values[0]);
            }
        }

        return [.. read];
    }

    [Fact]
    public void The_smoothed_score_depends_on_time_and_not_on_how_many_decisions_fill_it()
    {
        // Steps lie on multiples of 2 s, so that both rates see the same signal between their decisions.
        static float Signal(TimeSpan at) => at <= Ms(2000) ? 0.1f : at <= Ms(4000) ? 0.9f : 0.3f;
        var slow = Follow(Ms(500), Ms(8000), Signal, Ms(500));
        var fast = Follow(Ms(50), Ms(8000), Signal, Ms(500));

        Assert.Equal(slow.Length, fast.Length);
        Assert.All(slow.Zip(fast), pair => Assert.Equal(pair.First, pair.Second, 9));
    }

    [Fact]
    public void After_one_time_constant_a_new_score_counts_63_percent()
    {
        var smoother = new Smoother(Ms(750), 1);
        smoother.TryUpdate([0], 0, 0, Ms(0));
        smoother.TryUpdate([1], 0, 0, Ms(750));
        Assert.Equal(1 - Math.Exp(-1), smoother.Values[0], 12);
    }

    [Fact]
    public void A_new_epoch_or_segment_starts_from_its_own_first_score()
    {
        var smoother = new Smoother(Ms(750), 1);
        smoother.TryUpdate([1], 0, 0, Ms(1000));
        Assert.True(smoother.TryUpdate([0.2f], 0, 1, Ms(1100)));
        Assert.Equal(0.2f, smoother.Values[0], 6);
        Assert.True(smoother.TryUpdate([0.7f], 1, 0, Ms(0)));
        Assert.Equal(0.7f, smoother.Values[0], 6);
    }

    [Fact]
    public void What_comes_out_of_order_changes_nothing()
    {
        var smoother = new Smoother(Ms(750), 1);
        smoother.TryUpdate([0.5f], 1, 0, Ms(1000));
        Assert.False(smoother.TryUpdate([1], 1, 0, Ms(1000)));
        Assert.False(smoother.TryUpdate([1], 1, 0, Ms(900)));
        Assert.False(smoother.TryUpdate([1], 0, 7, Ms(2000)));
        Assert.Equal(0.5, smoother.Values[0], 6);
    }

    [Fact]
    public void The_smoothed_score_stays_between_the_lowest_and_the_highest_seen()
    {
        var random = new Random(1);
        var smoother = new Smoother(Ms(300), 1);
        var (low, high, at) = (1f, 0f, TimeSpan.Zero);
        for (var i = 0; i < 1000; i++)
        {
            var score = random.NextSingle();
            (low, high, at) = (Math.Min(low, score), Math.Max(high, score), at + Ms(random.Next(1, 4000)));
            smoother.TryUpdate([score], 0, 0, at);
            Assert.InRange(smoother.Values[0], low, high);
        }
    }
}
