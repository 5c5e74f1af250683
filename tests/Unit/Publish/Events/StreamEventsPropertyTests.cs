using ActionStream.Core.Modelling;
using ActionStream.Core.Results;
using ActionStream.Publish.Events;
using ActionStream.Unit.Support;

namespace ActionStream.Unit.Publish.Events;

/// <summary>Whatever scores come, and whatever happens to the camera: events that people can count on.</summary>
public sealed class StreamEventsPropertyTests
{
    private static readonly ModelCard Card = new()
    {
        Name = "toy",
        Labels = ["a", "b", "c", "nothing"],
        Output = new() { Background = "nothing" },
    };

    private static TimeSpan Ms(double ms) => TimeSpan.FromMilliseconds(ms);

    public static TheoryData<int, bool> Cases()
    {
        var cases = new TheoryData<int, bool>();
        for (var seed = 1; seed <= 8; seed++)
        {
            cases.Add(seed, seed % 2 == 0);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_start_has_one_end_and_events_of_a_class_never_overlap(int seed, bool isMultiLabel)
    {
        var steps = Run(seed, isMultiLabel);
        Assert.True(steps.Count(step => step.Type is EventType.Start) > 30, "too few events to prove anything");
        Assert.Equal(
            steps.Where(step => step.Type is EventType.Start).Select(step => step.Id).Order(),
            steps.Where(step => step.Type is EventType.End).Select(step => step.Id).Order());
        foreach (var ofClass in steps.GroupBy(step => step.Label))
        {
            ActionEvent? open = null;
            var freeFrom = DateTimeOffset.MinValue;
            foreach (var step in ofClass)
            {
                if (step.Type is EventType.Start)
                {
                    Assert.Null(open);
                    Assert.True(step.Start >= freeFrom, $"{step.Id} starts {step.Start:O}, the one before ended {freeFrom:O}");
                    open = step;
                }
                else
                {
                    Assert.Equal((open!.Id, open.Start), (step.Id, step.Start));
                    if (step.Type is EventType.End)
                    {
                        Assert.True(step.End >= step.Start && step.Reason is not null);
                        (open, freeFrom) = (null, step.End!.Value);
                    }
                }

                Assert.True(step.TopScore >= step.MeanScore - 1e-9, $"{step.Id}: top {step.TopScore}, mean {step.MeanScore}");
            }

            Assert.Null(open);
        }

        Assert.Equal(steps.Count(step => step.Type is EventType.Start), steps.Select(step => step.Id).Distinct().Count());
        Assert.DoesNotContain(steps, step => step.Label == "nothing");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_same_scores_make_the_same_events(int seed, bool isMultiLabel) =>
        Assert.Equal(Run(seed, isMultiLabel).Select(Telling), Run(seed, isMultiLabel).Select(Telling));

    [Fact]
    public void Several_labels_can_be_on_at_once_where_the_model_says_so()
    {
        var clock = new FakeClock();
        var stream = new StreamEvents("front", Card, new() { Smoothing = default, MinDuration = default }, new Timeline(clock), "boot");
        List<ActionEvent> events = [];
        var detection = stream.Update(Scores(clock, 0, 0, 1, [0.9f, 0.8f, 0.1f, 0.2f]), clock.GetTimestamp(), default, events)!.Value;
        Assert.Equal(["a", "b"], detection.Detected);
        Assert.Equal(["a", "b"], events.Select(step => step.Label));
    }

    [Fact]
    public void Outside_its_schedule_a_class_makes_no_events_and_ends_the_open_one()
    {
        var clock = new FakeClock(); // 2026-01-01 00:00 UTC
        var zone = clock.LocalTimeZone.GetUtcOffset(clock.GetUtcNow());
        var until = (clock.GetUtcNow() + zone).AddMinutes(2).ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture);
        var from = (clock.GetUtcNow() + zone).AddMinutes(-30).ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture);
        var options = new EventOptions
        {
            Smoothing = default,
            MinDuration = default,
            MergeGap = default,
            Schedule = [$"{from}-{until}"],
            Classes = new Dictionary<string, ClassOptions> { ["b"] = new() { Schedule = [] } },
        };
        var stream = new StreamEvents("front", Card, options, new Timeline(clock), "boot");
        List<ActionEvent> events = [];
        for (var minute = 0; minute < 4; minute++)
        {
            stream.Update(Scores(clock, 0, 0, 1 + minute, [0.9f, 0.9f, 0, 0]), clock.GetTimestamp(), default, events);
            clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(
            [("a", EventType.Start, null), ("b", EventType.Start, null), ("a", EventType.End, EndReason.Schedule)],
            events.Where(step => step.Type is not EventType.Update).Select(step => (step.Label, step.Type, step.Reason)));
    }

    private static (EventType, string, double, double, double, DateTimeOffset, DateTimeOffset?, EndReason?) Telling(ActionEvent step) =>
        (step.Type, step.Id, step.Score, step.TopScore, step.MeanScore, step.Start, step.End, step.Reason);

    private static ClipScores Scores(FakeClock clock, int epoch, int segment, double seconds, float[] values)
    {
        var now = clock.GetTimestamp();
        var end = TimeSpan.FromSeconds(seconds);
        return new("front", 0, new(epoch, segment, 0, end - Ms(2000), end, Ms(20), now, now), new(16, 0, default), values, "cpu", now, now);
    }

    private static List<ActionEvent> Run(int seed, bool isMultiLabel)
    {
        var random = new Random(seed);
        var clock = new FakeClock();
        var options = new EventOptions
        {
            Smoothing = Ms(random.Next(2) * 300),
            MinDuration = Ms(random.Next(600)),
            MergeGap = Ms(random.Next(1500)),
            Cooldown = Ms(random.Next(2) * 700),
            Enter = 0.5,
            Leave = 0.35,
        };
        var stream = new StreamEvents("front", Card, options, new Timeline(clock), $"boot{seed}");
        List<ActionEvent> steps = [];
        var (epoch, segment, seconds) = (0, 0, 10.0);
        var logits = new double[4];
        for (var i = 0; i < 4000; i++)
        {
            clock.Advance(Ms(random.Next(50, 400)));
            seconds += random.Next(-1, 6) * 0.1; // answers out of order too
            for (var k = 0; k < logits.Length; k++)
            {
                logits[k] = Math.Clamp(logits[k] + ((random.NextDouble() - 0.5) * 2), -4, 4);
            }

            var values = isMultiLabel
                ? logits.Select(logit => (float)(1 / (1 + Math.Exp(-logit))))
                : logits.Select(logit => (float)(Math.Exp(logit) / logits.Sum(Math.Exp)));
            stream.Update(Scores(clock, epoch, segment, seconds, [.. values]), clock.GetTimestamp(), default, steps);
            switch (random.Next(120))
            {
                case 0:
                    stream.Lost(steps);
                    break;
                case 1:
                    stream.Lost(steps, EndReason.Disabled);
                    break;
                case 2 or 3 or 4:
                    stream.Back();
                    (epoch, segment) = (epoch + 1, 0);
                    break;
                case 5:
                    segment++;
                    break;
                case 6:
                    stream.Finish(EndReason.VideoLost, steps);
                    break;
                case 7:
                    stream.SetEnter(random.Next(3), 0.2 + (random.NextDouble() * 0.6));
                    break;
            }
        }

        stream.Finish(EndReason.Stopped, steps);
        return steps;
    }
}
