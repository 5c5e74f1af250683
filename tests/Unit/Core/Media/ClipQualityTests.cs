using ActionStream.Core.Media;

namespace ActionStream.Unit.Core.Media;

public sealed class ClipQualityTests
{
    private static readonly Func<ClipQuality, int, ClipQuality>[] Faults =
    [
        (quality, count) => quality with { Held = count },
        (quality, count) => quality with { Duplicates = count },
        (quality, count) => quality with { Frozen = count },
        (quality, count) => quality with { Dark = count },
        (quality, count) => quality with { Damaged = count },
        (quality, count) => quality with { Cuts = count },
    ];

    [Fact]
    public void One_more_fault_of_any_kind_never_raises_the_score_and_lowers_it_while_there_is_something_to_lower()
    {
        var random = new Random(11);
        for (var trial = 0; trial < 5000; trial++)
        {
            var frames = random.Next(1, 65);
            var quality = Faults.Aggregate(new ClipQuality(frames, 0, TimeSpan.Zero), (some, fault) => fault(some, random.Next(frames)));
            Assert.InRange(quality.Score, 0, 1);
            foreach (var (kind, fault) in Faults.Index())
            {
                var scores = Enumerable.Range(0, frames + 1).Select(count => fault(quality, count).Score).ToArray();
                for (var count = 1; count <= frames; count++)
                {
                    Assert.True(
                        scores[count] < scores[count - 1],
                        $"fault {kind} of {quality}: {count - 1} give {scores[count - 1]}, {count} give {scores[count]}");
                }
            }
        }
    }

    [Fact]
    public void The_formula_is_the_documented_one()
    {
        var clean = new ClipQuality(16, 0, TimeSpan.Zero);

        Assert.Equal(1, clean.Score);
        Assert.Equal(0.75, (clean with { Held = 4 }).Score);
        Assert.Equal(0, (clean with { Frozen = 16 }).Score);
        Assert.Equal(0.25, (clean with { Damaged = 8 }).Score);
        Assert.Equal(0.9375, (clean with { Cuts = 1 }).Score);
        Assert.Equal(0.75, (clean with { Duplicates = 16 }).Score);
        Assert.Equal(0.75 * 0.75, (clean with { Duplicates = 16, Dark = 16 }).Score);
        Assert.Equal(0.5 * 0.25, (clean with { Held = 8, Damaged = 8 }).Score);
    }

    [Fact]
    public void A_clip_without_frames_is_worth_nothing() => Assert.Equal(0, default(ClipQuality).Score);
}
