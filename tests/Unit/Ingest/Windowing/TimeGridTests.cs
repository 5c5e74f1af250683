using ActionStream.Ingest.Windowing;

namespace ActionStream.Unit.Ingest.Windowing;

public sealed class TimeGridTests
{
    private static readonly TimeSpan D = TimeSpan.FromMilliseconds(125);
    private static readonly TimeSpan MaxGap = 3 * D;

    [Fact]
    public void The_frame_nearest_to_the_grid_is_taken()
    {
        var taken = Sampled(Enumerable.Range(0, 50).Select(i => TimeSpan.FromMilliseconds(40 * i)));

        Assert.Equal(
            [0, 120, 240, 360, 480, 640, 760, 880, 1000, 1120, 1240, 1360, 1480, 1640, 1760, 1880],
            taken.Select(step => step.Time.TotalMilliseconds));
        Assert.Equal(Enumerable.Range(0, 16).Select(i => (long)i), taken.Select(step => step.Step.Index));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void A_small_hole_is_bridged_and_a_large_one_begins_a_segment(int missing, bool isNew)
    {
        var step = Sampled([TimeSpan.Zero, D, D * (2 + missing)])[^1].Step;

        Assert.Equal(isNew ? GridVerdict.NewSegment : GridVerdict.Next, step.Verdict);
        Assert.Equal(isNew ? 0 : missing, step.Held);
    }

    [Fact]
    public void Time_that_runs_backwards_begins_a_segment_and_goes_on_from_there()
    {
        var steps = Sampled([D * 100, D * 101, D * 3, D * 4]);

        Assert.Equal(
            [GridVerdict.NewSegment, GridVerdict.Next, GridVerdict.NewSegment, GridVerdict.Next], steps.Select(step => step.Step.Verdict));
        Assert.Equal([100, 101, 3, 4], steps.Select(step => step.Step.Index));
    }

    [Fact]
    public void An_hour_ahead_is_a_new_segment_and_costs_nothing()
    {
        var step = Sampled([TimeSpan.Zero, TimeSpan.FromHours(1)])[^1].Step;

        Assert.Equal((GridVerdict.NewSegment, 0), (step.Verdict, step.Held));
    }

    [Theory]
    [InlineData(40, 0)]
    [InlineData(40, 35)]
    [InlineData(100.0 / 3, 10)]
    [InlineData(100, 0)]
    [InlineData(125, 62.5)]
    [InlineData(300, 200)]
    public void Thinning_thinned_frames_changes_nothing(double step, double jitter)
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            var times = Enumerable.Range(0, 400)
                .Select(i => TimeSpan.FromMilliseconds(step * i + jitter * random.NextDouble()))
                .Where(_ => random.NextDouble() > 0.05).Order().ToList();

            var once = Sampled(times);
            var twice = Sampled(once.Select(step => step.Time));

            Assert.Equal(once, twice);
        }
    }

    [Fact]
    public void Every_slot_is_filled_at_most_once_and_by_a_frame_that_belongs_there()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            var time = TimeSpan.Zero;
            var times = Enumerable.Range(0, 500).Select(_ => time += TimeSpan.FromMilliseconds(random.NextDouble() * 90)).ToList();

            var taken = Sampled(times);

            Assert.Equal(taken.Count, taken.Select(step => step.Step.Index).Distinct().Count());
            Assert.All(taken, step => Assert.InRange((step.Time - step.Step.Index * D).TotalMilliseconds, -62.6, 62.6));
        }
    }

    [Fact]
    public void The_end_of_a_slot_is_the_last_place_that_the_grid_puts_into_it()
    {
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            var d = TimeSpan.FromTicks(random.Next(2) == 0 ? random.NextInt64(1, 100_000_000) : TimeSpan.TicksPerSecond / random.Next(1, 61));
            var place = TimeSpan.FromTicks(random.NextInt64(0, random.Next(2) == 0 ? 100 * d.Ticks : TimeSpan.TicksPerDay * 1000));

            var end = TimeGrid.EndOfSlot(place, d);

            var slot = SlotOf(place, d);
            Assert.True(end >= place, $"{end} is before {place}, D {d}");
            Assert.Equal((place, d, slot, slot + 1), (place, d, SlotOf(end, d), SlotOf(end + TimeSpan.FromTicks(1), d)));
            Assert.Equal(end, TimeGrid.EndOfSlot(end, d));
        }

        static long SlotOf(TimeSpan place, TimeSpan d) => new TimeGrid(d, 3 * d).Place(place).Index;
    }

    private static List<(TimeSpan Time, GridStep Step)> Sampled(IEnumerable<TimeSpan> times)
    {
        var grid = new TimeGrid(D, MaxGap);
        return [.. times.Select(time => (time, grid.Place(time))).Where(step => step.Item2.Verdict != GridVerdict.Duplicate)];
    }
}
